package natsbroker

import (
	"hash/maphash"
	"strings"

	"github.com/nats-io/nats.go"
)

// receive delivers what comes, until the broker is closed. All of it comes by one
// channel, so that a topic's order is kept and a hundred thousand topics need no more
// goroutines than one.
func (b *Broker) receive() {
	for {
		select {
		case m := <-b.line:
			b.take(m)
		case <-b.ctx.Done():
			return
		}
	}
}

// take delivers one message.
func (b *Broker) take(m *nats.Msg) {
	switch {
	case strings.HasPrefix(m.Subject, b.subjects.plain):
		if !b.passed.again(m) {
			b.takePlain(m)
		}
	case strings.HasPrefix(m.Subject, b.subjects.spread):
		b.takeKept(m)
	case m.Subject == b.subjects.hello:
		b.barrier.answer(m)
	default:
		b.takeAdvisory(m)
	}
}

// takePlain delivers a publication without history.
func (b *Broker) takePlain(m *nats.Msg) {
	b.counters.received.Add(1)
	t, wild := b.follows.find(m.Subject)
	if t == nil && !wild {
		return // not followed any more
	}
	var f frame
	if !parseFrame(m.Data, &f) || wild && b.seen.before(f.id) {
		return
	}
	name := ""
	if t != nil {
		name = t.name
	} else if n, ok := topicOf(m.Subject[len(b.subjects.plain):]); ok {
		name = n
	} else {
		return
	}
	b.deliver(name, "", &f.m)
}

// takeKept delivers a publication with history, or has what is before it be read.
func (b *Broker) takeKept(m *nats.Msg) {
	rest := m.Subject[len(b.subjects.spread):]
	dot := strings.IndexByte(rest, '.')
	if dot < 0 {
		return
	}
	if rest[dot+1:] == marker {
		if s, ok := b.streams.Load(rest[:dot]); ok {
			b.heard(s.(*stream), m)
		}
		return
	}
	if drop := b.dropping.Load(); drop != nil && (*drop)(m.Subject) {
		return
	}
	b.counters.received.Add(1)
	t, wild := b.follows.find(m.Subject)
	if t == nil && !wild {
		return
	}
	s, err := storedIn(m)
	var f frame
	if err != nil || !parseFrame(m.Data, &f) {
		return
	}
	f.m.Seq, f.m.At = s.seq, s.at.UnixMilli()
	known := wild && b.seen.before(maphash.String(b.seed, m.Subject)+s.seq)
	if t == nil {
		if !known {
			b.takeWild(rest[:dot], rest[dot+1:], &f.m)
		}
		return
	}
	before, _ := number(m.Header, "Nats-Last-Sequence")
	missing, doubt := t.receive(b.deliver, &f.m, before)
	if missing {
		b.counters.holes.Add(1)
		b.fill(t)
	}
	if doubt && !wild {
		b.maintain.compare(t.stream)
	}
}

// seen knows what came lately, so that what is followed by several wildcards, or by
// its name too, is delivered once: its copies come one soon after the other.
type seen [4096]uint64

// before reports whether the id came already, and remembers it.
func (s *seen) before(id uint64) bool {
	at := &s[(id*0x9E3779B97F4A7C15)>>52]
	if *at == id {
		return true
	}
	*at = id
	return false
}
