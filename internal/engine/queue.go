package engine

import "time"

// queue holds the frames that a socket refused so far, in order. They are shared
// with other connections: only the slice is this one's.
type queue struct {
	frames []*Frame // nil where one was taken out; frames[0] is not, and may be written in part
	sent   int      // bytes of frames[0] that are written
	count  int      // frames that were not taken out, without holes
	holes  int      // frames that tell of what was dropped: never more than there are topics, or frames beside them
	bytes  int      // bytes to be written
	moved  time.Time

	first  uint64             // the index of frames[0] among all there ever were
	newest map[subject]uint64 // the index of the newest frame of each subject; nil while there is none
	behind []fallen           // subscriptions whose frames were taken out, to be told of when all is written
	after  []func()           // to be called when all is written
	busy   bool               // what is to be taken out is being looked for
}

// subject is what a publication is about, for KeepLatest.
type subject struct{ topic, key string }

// fallen is a subscription that fell behind.
type fallen struct {
	held  Held
	after uint64 // the number of the last publication that it got
}

// push appends a frame of which skip bytes are written; only the first can have any.
func (q *queue) push(f *Frame, skip int) {
	if len(q.frames) == 0 {
		q.sent = skip
	}
	if p := f.Pub; p != nil && p.Overflow == KeepLatest && !p.hole {
		if q.newest == nil {
			q.newest = make(map[subject]uint64)
		}
		q.newest[subject{p.Topic, p.Key}] = q.first + uint64(len(q.frames))
	}
	q.frames = append(q.frames, f)
	q.tally(f, 1)
	q.bytes += len(f.Bytes) - skip
}

// tally counts a frame that came, or one that went.
func (q *queue) tally(f *Frame, n int) {
	if f.Pub != nil && f.Pub.hole {
		q.holes += n
	} else {
		q.count += n
	}
}

// begun reports whether a part of the i'th frame is written: it cannot be taken out.
func (q *queue) begun(i int) bool { return i == 0 && q.sent > 0 }

// replace puts f in the place of the i'th frame, which was not begun; nil takes it
// out.
func (q *queue) replace(i int, f *Frame) {
	old := q.frames[i]
	if old != nil {
		q.bytes -= len(old.Bytes)
		q.tally(old, -1)
	}
	if q.frames[i] = f; f != nil {
		q.bytes += len(f.Bytes)
		q.tally(f, 1)
	}
}

// tidy restores that frames[0] is not nil, and that not most of the frames are.
func (q *queue) tidy() {
	empty := 0
	for empty < len(q.frames) && q.frames[empty] == nil {
		empty++
	}
	q.shift(empty)
	if len(q.frames) <= 2*(q.count+q.holes)+16 {
		return
	}
	q.newest = nil
	old, sent := q.frames, q.sent
	q.frames, q.count, q.holes, q.bytes = old[:0], 0, 0, -sent
	for _, f := range old {
		if f != nil {
			q.push(f, 0)
		}
	}
	clear(old[len(q.frames):])
	q.sent = sent
}

// shift takes n places off the front.
func (q *queue) shift(n int) {
	if n == 0 {
		return
	}
	rest := copy(q.frames, q.frames[n:])
	clear(q.frames[rest:])
	q.frames = q.frames[:rest]
	q.first += uint64(n)
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
	q.frames, q.count, q.holes, q.newest = q.frames[:n], 0, 0, nil
	for _, f := range q.frames {
		q.tally(f, 1)
	}
}

// gather appends to buf what is to be written, up to about most bytes.
func (q *queue) gather(buf []byte, most int) []byte {
	skip := q.sent
	for _, f := range q.frames {
		if f == nil {
			continue
		}
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
	for done < len(q.frames) {
		if f := q.frames[done]; f != nil {
			if n < len(f.Bytes) {
				break
			}
			n -= len(f.Bytes)
			q.tally(f, -1)
			q.forget(done)
		}
		done++
	}
	q.sent = n
	q.shift(done)
}

// forget is told that the i'th frame is written.
func (q *queue) forget(i int) {
	p := q.frames[i].Pub
	if p == nil || p.Overflow != KeepLatest {
		return
	}
	s := subject{p.Topic, p.Key}
	if at, ok := q.newest[s]; ok && at == q.first+uint64(i) {
		delete(q.newest, s)
	}
}
