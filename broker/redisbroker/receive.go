package redisbroker

import (
	"time"

	"github.com/redis/rueidis"
)

// receive takes what came on a channel. It is called by the goroutine of a connection,
// in the order of its server.
func (b *Broker) receive(m rueidis.PubSubMessage) {
	b.counts.received.Add(1)
	topic, ok := b.names.topic(m.Channel)
	if !ok {
		b.counts.stray.Add(1)
		return
	}
	a, err := unpackArrival(m.Message)
	if err != nil {
		b.counts.stray.Add(1)
		b.o.Logger.Warn("redisbroker: received something else than a publication", "channel", m.Channel, "error", err)
		return
	}
	s := b.table.stripe(topic)
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.topics[topic]
	named := f != nil && f.confirmed
	switch {
	case !b.due(&m, topic, &a, named):
	case !named:
		b.deliver(topic, a.epoch, &a.Publication)
	case a.epoch == "" || !f.history.On():
		b.deliver(f.name, a.epoch, &a.Publication)
	default:
		b.arrive(f, &a)
	}
}

// due reports whether a publication is wanted and has not come another way.
func (b *Broker) due(m *rueidis.PubSubMessage, topic string, a *arrival, named bool) bool {
	byName := m.Pattern == ""
	if byName && !named {
		b.counts.stray.Add(1)
		return false
	}
	if !b.hub.twoWays.Load() {
		// One connection has all, in the order of the server, confirmations too.
		return byName || !named && b.wild.first(m.Pattern, topic)
	}
	if !b.wild.match(topic) {
		return byName
	}
	id := a.identity(topic)
	return id == "" || b.twice.first(id, time.Now())
}

// arrive takes the next publication of a followed topic with history. The stripe is
// locked.
func (b *Broker) arrive(f *follow, a *arrival) {
	if f.state == live {
		switch f.cursor.judge(a.epoch, a.Seq) {
		case next:
			f.cursor.seq, f.cursor.at = a.Seq, a.At
			b.deliver(f.name, a.epoch, &a.Publication)
			return
		case stale:
			return
		}
		f.state, f.before = behind, 0
		b.counts.holes.Add(1)
		b.resync.add(f)
	}
	f.hold(*a)
}

// hold keeps what comes while the topic is read.
func (f *follow) hold(a arrival) {
	f.before = max(f.before-f.held.add(a), 0)
}
