package memory

import "github.com/livetopics/live/broker"

// Log is a topic's log, for tests.
type Log struct{ log }

// The operations of a log.
func (l *Log) Append(m *broker.Message, now int64) (uint64, int64, []byte) { return l.append(m, now) }
func (l *Log) Keep(n int)                                                  { l.keep(n) }
func (l *Log) DropUntil(at int64)                                          { l.dropUntil(at) }
func (l *Log) DropSegment()                                                { l.dropSegment() }
func (l *Log) Tidy()                                                       { l.tidy() }
func (l *Log) Count() int                                                  { return l.count() }
func (l *Log) Floor() uint64                                               { return l.floor }
func (l *Log) Segments() int                                               { return len(l.segments) }

// Page is what History answers to q.
func (l *Log) Page(q broker.Query) []broker.Publication {
	seq, n := l.span(q)
	if n == 0 {
		return nil
	}
	return l.page(seq, n, q)
}

// Fault says what is wrong with the log's own books, or nothing.
func (l *Log) Fault() string {
	size := 0
	for i, s := range l.segments {
		size += cap(s)
		if first, _, off := readSegment(s); off >= len(s) || i > 0 && first <= l.floor+1 {
			return "a segment without a record that is there"
		}
	}
	switch {
	case size != l.size:
		return "the size is not that of the segments"
	case l.count() == 0 && len(l.segments) > 0:
		return "segments without records"
	case len(l.segments) > 0 && l.head >= len(l.segments[0]):
		return "the head is outside of the first segment"
	}
	return ""
}

// Resting tells whether the sweeper has nothing to wake for.
func (b *Broker) Resting() bool { return b.sweeper.wake.Load() == never }

// Fault says what is wrong with the broker's own books, or nothing.
func (b *Broker) Fault() string {
	bytes := int64(0)
	for i := range b.stripes {
		s := &b.stripes[i]
		s.mu.Lock()
		fault := s.fault(&bytes)
		s.mu.Unlock()
		if fault != "" {
			return fault
		}
	}
	if bytes != b.bytes.Load() {
		return "the bytes are not those of the segments"
	}
	return ""
}

func (s *stripe) fault(bytes *int64) string {
	stored, full, planned := 0, 0, 0
	for _, t := range s.topics {
		l := Log{t.log}
		if fault := l.Fault(); fault != "" {
			return t.name + ": " + fault
		}
		stored += l.count()
		*bytes += int64(l.size)
		if l.count() > 0 {
			full++
		}
		if t.place > 0 {
			planned++
			if s.agenda[t.place-1] != t {
				return t.name + " is not at its place in the agenda"
			}
		}
		if l.count() > 0 && t.age > 0 && (t.place == 0 || t.due > t.expiry()) {
			return t.name + " will not be looked at when it expires"
		}
	}
	for t := s.recency.oldest; t != nil; t = t.newer {
		full--
	}
	if stored != s.stored || full != 0 || planned != len(s.agenda) {
		return "stored, recency or agenda do not agree with the topics"
	}
	return ""
}
