package memory

import "github.com/livetopics/live/broker"

// log keeps the newest publications of one topic, packed. Its zero value is
// empty. It is no more than a value, and locked by who has it.
type log struct {
	segments []segment // oldest first; none is without a record that is there
	size     int       // of their memory in bytes
	head     int       // where in the first of them the oldest record begins
	floor    uint64    // the newest number that is gone: all after it are there
	last     uint64    // the newest number there ever was
	base     int64     // the time that the oldest record's counts from
	lastAt   int64     // the time of the newest record there ever was
}

// count returns how many publications are there.
func (l *log) count() int { return int(l.last - l.floor) }

// append adds m's publication, and returns its number, its time and the data
// that was stored. Times never run backwards: a clock that does stands still.
func (l *log) append(m *broker.Message, now int64) (seq uint64, at int64, data []byte) {
	at = max(now, l.lastAt, 0)
	after := uint64(0)
	if len(l.segments) > 0 {
		after = uint64(at - l.lastAt)
	}
	n := recordSize(m, after)
	if !l.room(n) {
		after = 0 // a segment has the time of its first record
		n = recordSize(m, after)
		l.extend(n, at)
	}
	tail := &l.segments[len(l.segments)-1]
	*tail = appendRecord(*tail, m, after)
	l.last++
	l.lastAt = at
	end := len(*tail)
	return l.last, at, (*tail)[end-len(m.Data) : end : end]
}

// room makes room for a record of n bytes in the last segment, if it can.
func (l *log) room(n int) bool {
	if len(l.segments) == 0 {
		return false
	}
	i := len(l.segments) - 1
	s := l.segments[i]
	if len(s)+n <= cap(s) {
		return true
	}
	first, base, off := readSegment(s)
	used := len(s)
	if i == 0 {
		used -= l.head - off // what is gone is not copied
	}
	if used+n > smallestSegment {
		return false
	}
	n = max(n, min(used/4, smallestSegment-used)) // or small records are copied often
	if i == 0 {
		l.replaceFirst(n)
		return true
	}
	l.segments[i] = regrown(s, off, first, base, n)
	l.size += cap(l.segments[i]) - cap(s)
	return true
}

// extend adds a segment with room for a record of n bytes, which is the next.
func (l *log) extend(n int, at int64) {
	if share := min(l.size/segmentShare, largestSegment-16); share > smallestSegment {
		n *= max(share/n, 1) // for more of the kind
	}
	s := newSegment(l.last+1, at, n)
	if len(l.segments) == 0 {
		_, l.base, l.head = readSegment(s)
	}
	if len(l.segments) == cap(l.segments) {
		more := 1 + len(l.segments)/4
		l.segments = append(make([]segment, 0, len(l.segments)+more), l.segments...)
	}
	l.segments = append(l.segments, s)
	l.size += cap(s)
}

// replaceFirst copies what is there of the first segment, with room for n bytes.
func (l *log) replaceFirst(n int) {
	old := l.segments[0]
	s := regrown(old, l.head, l.floor+1, l.base, n)
	_, _, l.head = readSegment(s)
	l.segments[0] = s
	l.size += cap(s) - cap(old)
}

// tidy copies the first segment where more than half of it is gone.
func (l *log) tidy() {
	if len(l.segments) > 0 && l.head > len(l.segments[0])/2 {
		l.replaceFirst(0)
	}
}

// dropSegment drops the oldest segment.
func (l *log) dropSegment() {
	if len(l.segments) == 1 {
		l.clear()
		return
	}
	l.size -= cap(l.segments[0])
	l.segments[0] = nil
	l.segments = l.segments[1:]
	var first uint64
	first, l.base, l.head = readSegment(l.segments[0])
	l.floor = first - 1
}

// clear drops all.
func (l *log) clear() {
	l.segments, l.size, l.head = nil, 0, 0
	l.floor = l.last
}

// keep drops all but the newest n.
func (l *log) keep(n int) {
	if l.count() <= n {
		return
	}
	if n <= 0 {
		l.clear()
		return
	}
	floor := l.last - uint64(n)
	for len(l.segments) > 1 && segmentFirst(l.segments[1]) <= floor+1 {
		l.dropSegment()
	}
	for l.floor < floor {
		l.dropOldest()
	}
}

// dropUntil drops those of that time and older.
func (l *log) dropUntil(at int64) {
	if l.count() == 0 || l.lastAt <= at {
		l.clear()
		return
	}
	for len(l.segments) > 1 && segmentBase(l.segments[1]) <= at {
		l.dropSegment()
	}
	for l.oldest() <= at {
		l.dropOldest()
	}
}

// dropOldest drops the oldest record of a log that has more.
func (l *log) dropOldest() {
	if len(l.segments) > 1 && segmentFirst(l.segments[1]) == l.floor+2 {
		l.dropSegment()
		return
	}
	next, after := skipRecord(l.segments[0], l.head)
	l.head, l.floor, l.base = next, l.floor+1, l.base+int64(after)
}

// oldest returns the time of the oldest record; there is one.
func (l *log) oldest() int64 {
	_, after := skipRecord(l.segments[0], l.head)
	return l.base + int64(after)
}
