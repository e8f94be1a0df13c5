package engine

import "time"

// queue holds the frames that a socket refused so far, in order. They are shared
// with other connections: only the slice is this one's.
type queue struct {
	frames []*Frame // frames[0] may be written in part
	sent   int      // bytes of frames[0] that are written
	bytes  int      // bytes to be written
	moved  time.Time
}

// push appends a frame of which skip bytes are written; only the first can have any.
func (q *queue) push(f *Frame, skip int) {
	if len(q.frames) == 0 {
		q.sent = skip
	}
	q.frames = append(q.frames, f)
	q.bytes += len(f.Bytes) - skip
}

// cut drops every frame that has not been begun.
func (q *queue) cut() {
	n := 0
	if len(q.frames) > 0 && q.sent > 0 {
		n = 1
		q.bytes = len(q.frames[0].Bytes) - q.sent
	} else {
		q.bytes = 0
	}
	clear(q.frames[n:])
	q.frames = q.frames[:n]
}

// gather appends to buf what is to be written, up to about most bytes.
func (q *queue) gather(buf []byte, most int) []byte {
	skip := q.sent
	for _, f := range q.frames {
		buf = append(buf, f.Bytes[skip:]...)
		skip = 0
		if len(buf) >= most {
			break
		}
	}
	return buf
}

// wrote takes n written bytes off the front.
func (q *queue) wrote(n int) {
	q.bytes -= n
	n += q.sent
	done := 0
	for done < len(q.frames) && n >= len(q.frames[done].Bytes) {
		n -= len(q.frames[done].Bytes)
		done++
	}
	q.sent = n
	rest := copy(q.frames, q.frames[done:])
	clear(q.frames[rest:])
	q.frames = q.frames[:rest]
}
