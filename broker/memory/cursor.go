package memory

import (
	"slices"
	"sort"

	"github.com/livetopics/live/broker"
)

// cursor is a place in a log that does not change meanwhile.
type cursor struct {
	rest []segment
	off  int
	seq  uint64 // of the record at off
	at   int64  // of the record before
}

// next reads one record and goes on; there is one.
func (c *cursor) next(p *broker.Publication) {
	if c.off == len(c.rest[0]) {
		c.rest = c.rest[1:]
		c.seq, c.at, c.off = readSegment(c.rest[0])
	}
	off, after := readRecord(c.rest[0], c.off, p)
	c.at += int64(after)
	p.Seq, p.At = c.seq, c.at
	c.off, c.seq = off, c.seq+1
}

// read appends the n publications from that number on; they are there.
func (l *log) read(to []broker.Publication, seq uint64, n int) []broker.Publication {
	to = slices.Grow(to, n)
	c := l.from(seq)
	for range n {
		to = append(to, broker.Publication{})
		c.next(&to[len(to)-1])
	}
	return to
}

// from returns a cursor before the record of that number, which is there or is
// the next one.
func (l *log) from(seq uint64) cursor {
	if len(l.segments) == 0 {
		return cursor{}
	}
	c := cursor{rest: l.segments, off: l.head, seq: l.floor + 1, at: l.base}
	i := sort.Search(len(l.segments), func(i int) bool { return segmentFirst(l.segments[i]) > seq }) - 1
	if i > 0 {
		c.rest = l.segments[i:]
		c.seq, c.at, c.off = readSegment(c.rest[0])
	}
	for c.seq < seq && c.off < len(c.rest[0]) {
		next, after := skipRecord(c.rest[0], c.off)
		c.off, c.seq, c.at = next, c.seq+1, c.at+int64(after)
	}
	return c
}
