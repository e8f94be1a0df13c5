package memory

import (
	"strings"
	"time"

	"github.com/livetopics/live/broker"
)

// topic is what is known of one topic. It is guarded by its stripe's mu.
type topic struct {
	name     string
	epoch    *epoch
	log      log
	members  *roster       // nil if there are none
	age      time.Duration // how long publications stay; 0: there is no limit
	idle     int64         // since when nothing keeps it; 0 if something does or did when last seen
	due      int64         // when it is looked at again, if it has a place
	place    int32         // in the stripe's agenda plus one; 0 if it has none
	followed bool

	// Neighbours in the stripe's recency, which has the topics with publications.
	older, newer *topic
}

// topic finds a topic, or makes it.
func (b *Broker) topic(s *stripe, name string) *topic {
	t := s.topics[name]
	if t == nil {
		t = &topic{name: strings.Clone(name), epoch: b.epoch.Load()}
		if s.topics == nil {
			s.topics = make(map[string]*topic)
		}
		s.topics[t.name] = t
		s.most = max(s.most, len(s.topics))
	}
	return t
}

// change changes t's log and keeps the counts that depend on it.
func (b *Broker) change(s *stripe, t *topic, f func(l *log)) {
	count, size := t.log.count(), t.log.size
	f(&t.log)
	s.stored += t.log.count() - count
	if n := t.log.size - size; n != 0 {
		b.bytes.Add(int64(n))
	}
	if count > 0 && t.log.count() == 0 {
		s.recency.remove(t)
	}
}

// expire drops what is too old for age; 0 is no limit.
func (b *Broker) expire(s *stripe, t *topic, age time.Duration, now int64) {
	if age <= 0 || t.log.count() == 0 {
		return
	}
	if until := now - wholeMilliseconds(age); t.log.oldest() <= until {
		b.change(s, t, func(l *log) { l.dropUntil(until) })
	}
}

// review does to t what the time or a change asks for, and puts it on the agenda
// for the next time or forgets it.
func (b *Broker) review(s *stripe, t *topic, now int64) {
	b.expire(s, t, t.age, now)
	switch {
	case t.log.count() > 0:
		b.change(s, t, (*log).tidy)
		if t.age > 0 {
			s.agenda.add(t, t.expiry())
		}
	case t.followed || t.members != nil:
		t.idle = 0
	case t.log.last == 0:
		b.forget(s, t)
	default:
		if t.idle == 0 {
			t.idle = now
		}
		if due := t.idle + b.limits.linger; due > now {
			s.agenda.add(t, due)
		} else {
			b.forget(s, t)
		}
	}
}

// expiry is when to look for expired publications: in whole seconds, or
// sixteenths of a short age, so that many are found together.
func (t *topic) expiry() int64 {
	age := wholeMilliseconds(t.age)
	tick := min(max(age/16, 1), 1000)
	return (t.log.oldest() + age + tick - 1) / tick * tick
}

func (b *Broker) forget(s *stripe, t *topic) {
	if t.log.last > 0 && t.epoch == b.epoch.Load() {
		b.epoch.CompareAndSwap(t.epoch, newEpoch())
	}
	s.forget(t)
}

// position is that of t's newest publication.
func (t *topic) position() broker.Position {
	return broker.Position{Epoch: t.epoch.name, Seq: t.log.last}
}
