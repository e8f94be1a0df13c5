package memory

import (
	"context"

	"github.com/livetopics/live/broker"
)

// History returns one page; it does not block but for the topic's lock. The data
// in it are parts of what is stored, shared by all who ask: they must not be
// written to, and keep up to 16 KiB around them in memory. Errors: ErrClosed, or
// that of a context which has ended already.
func (b *Broker) History(ctx context.Context, topic string, h broker.History, q broker.Query) (broker.Page, error) {
	var page broker.Page
	if err := b.check(ctx); err != nil || !h.On() {
		return page, err
	}
	s, err := b.lock(topic)
	if err != nil {
		return page, err
	}
	defer s.mu.Unlock()
	t := s.topics[topic]
	if t == nil {
		page.Epoch = b.epoch.Load().name
		return page, nil
	}
	b.refresh(s, t, h)
	page.Position, page.Floor = t.position(), t.log.floor
	if seq, n := t.log.span(q); n > 0 {
		page.Publications = t.log.page(seq, n, q)
	}
	return page, nil
}

// refresh drops what h does not show any more.
func (b *Broker) refresh(s *stripe, t *topic, h broker.History) {
	b.expire(s, t, h.Age, clock())
	if t.log.count() > h.Size {
		b.change(s, t, func(l *log) { l.keep(h.Size) })
	}
}

// span returns which publications q asks for, bytes aside: n of them from seq on.
func (l *log) span(q broker.Query) (seq uint64, n int) {
	count := uint64(max(q.Limit, 0))
	first, end := l.floor+1, l.last+1
	switch {
	case q.Newest:
	case q.Before > 0:
		end = max(min(end, q.Before), first)
	default:
		first = min(max(first, q.Since+1), end)
		return first, int(min(count, end-first))
	}
	count = min(count, end-first)
	return end - count, int(count)
}

// page reads n publications from seq on, as many as q.MaxBytes allows: the oldest
// of them after Since, else the newest.
func (l *log) page(seq uint64, n int, q broker.Query) []broker.Publication {
	if q.MaxBytes <= 0 {
		return l.read(nil, seq, n)
	}
	backward := q.Newest || q.Before > 0
	if backward {
		all := l.read(nil, seq, n)
		return all[n-fitting(n, q.MaxBytes, func(i int) int { return len(all[n-1-i].Data) }):]
	}
	c := l.from(seq)
	page, bytes := make([]broker.Publication, 0, min(n, 64)), 0
	for range n {
		var p broker.Publication
		c.next(&p)
		if bytes += len(p.Data); bytes > q.MaxBytes && len(page) > 0 {
			break
		}
		page = append(page, p)
	}
	return page
}

// fitting returns how many of n sizes fit into limit, at least one.
func fitting(n, limit int, size func(i int) int) int {
	for i := range n {
		if limit -= size(i); limit < 0 {
			return max(i, 1)
		}
	}
	return n
}
