package memory

import (
	"context"
	"hash/maphash"
	"sync"

	"github.com/livetopics/live/broker"
)

// unkept is for publications that are delivered and not kept.
var unkept = sync.Pool{New: func() any { return new(broker.Publication) }}

// Publish stores and delivers the message before it returns, and blocks only
// while others publish to topics of the same stripe. See the package comment for
// what is different on a topic without history. Errors: ErrConflict, ErrClosed,
// or that of a context which has ended already.
func (b *Broker) Publish(ctx context.Context, m *broker.Message) (broker.Position, error) {
	if err := b.check(ctx); err != nil {
		return broker.Position{}, err
	}
	if m.History.On() || m.Dedup != "" {
		return b.publishKept(m)
	}
	p := unkept.Get().(*broker.Publication)
	p.Key, p.Origin, p.Data = m.Key, m.Origin, m.Data
	b.deliver(m.Topic, "", p)
	*p = broker.Publication{}
	unkept.Put(p)
	return broker.Position{}, nil
}

// publishKept publishes what is remembered, in its history or for its Dedup.
func (b *Broker) publishKept(m *broker.Message) (broker.Position, error) {
	s, err := b.lock(m.Topic)
	if err != nil {
		return broker.Position{}, err
	}
	a, due, err := b.accept(s, m)
	if err != nil {
		return broker.Position{}, err
	}
	b.sweeper.by(due)
	b.evict()
	return a.position(), nil
}

// accept decides on m, and stores and delivers it if it is new, so that all see
// one order. It unlocks the stripe, and returns when there is something due.
func (b *Broker) accept(s *stripe, m *broker.Message) (a accepted, due int64, err error) {
	defer s.mu.Unlock() // also where Deliver panics
	a.at = clock()
	if m.Dedup != "" {
		a.sum = b.sum(m)
		if first, ok := s.dedups.find(m.Topic, m.Dedup, a.at, b.limits.dedup); ok {
			if first.sum != a.sum {
				err = broker.ErrConflict
			}
			return first, never, err
		}
	}
	p := &s.scratch
	p.Key, p.Origin, p.Data = m.Key, m.Origin, m.Data
	epochName := ""
	if m.History.On() {
		t := b.store(s, m, a.at, p)
		a.epoch, a.seq = t.epoch, p.Seq
		epochName = t.epoch.name
	}
	if m.Dedup != "" && b.limits.dedup > 0 {
		s.dedups.add(m.Topic, m.Dedup, a, b.limits.dedup)
	}
	b.deliver(m.Topic, epochName, p)
	*p = broker.Publication{}
	return a, s.due(), nil
}

// store puts m into its topic's history, and its number, time and stored data
// into p.
func (b *Broker) store(s *stripe, m *broker.Message, now int64, p *broker.Publication) *topic {
	t := b.topic(s, m.Topic)
	t.idle, t.age = 0, m.History.Age
	b.expire(s, t, t.age, now)
	b.change(s, t, func(l *log) {
		l.keep(m.History.Size - 1)
		p.Seq, p.At, p.Data = l.append(m, now)
		l.tidy()
	})
	s.recency.renew(t)
	if t.age > 0 {
		s.agenda.add(t, t.expiry())
	}
	return t
}

// sum tells messages of one Dedup apart.
func (b *Broker) sum(m *broker.Message) uint64 {
	var h maphash.Hash
	h.SetSeed(b.seed)
	h.WriteString(m.Key)
	h.WriteByte(0) // no key has one
	if m.Sent != nil {
		h.Write(m.Sent)
	} else {
		h.Write(m.Data)
	}
	return h.Sum64()
}
