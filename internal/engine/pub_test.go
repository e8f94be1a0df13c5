package engine

import (
	"fmt"
	"math"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// pub is publication seq of a topic, whose payload is its number.
func pub(topic string, seq uint64, o Overflow) *Frame { return keyed(topic, seq, o, "") }

func keyed(topic string, seq uint64, o Overflow, key string) *Frame {
	f := textFrame(fmt.Sprint(seq))
	f.Pub = &Pub{Topic: topic, Seq: seq, Key: key, Overflow: o}
	return f
}

// from is a publication of an origin.
func from(origin string, f *Frame) *Frame {
	f.Pub.Origin = origin
	return f
}

// unnumbered is a publication without a number.
func unnumbered(topic, text string, o Overflow) *Frame {
	f := textFrame(text)
	f.Pub = &Pub{Topic: topic, Overflow: o}
	return f
}

// publishRange publishes first to last.
func (r *rig) publishRange(topic string, first, last uint64, o Overflow) {
	for seq := first; seq <= last; seq++ {
		r.e.Publish(topic, pub(topic, seq, o), nil)
	}
}

// holeFrame is an Options.Hole.
func holeFrame(topic string, from, to uint64, lost int) []byte {
	return ws.AppendFrame(nil, ws.OpText, fmt.Appendf(nil, "%s %d-%d lost %d", topic, from, to, lost))
}

// hold holds c's subscription, which must not be behind.
func (r *rig) hold(c *Conn, topic string) Held {
	r.Helper()
	h, err := r.e.Hold(c, topic, 0)
	if err != nil || h.Topic() != topic {
		r.Fatalf("Hold(%q) = %q, %v", topic, h.Topic(), err)
	}
	return h
}

// catchUp wants CatchUp to say this.
func catchUp(t testing.TB, h Held, to Catch, want Caught) {
	t.Helper()
	if got := h.CatchUp(to); got != want {
		t.Errorf("CatchUp(%d, at most %d) = %d, want %d", to.After, to.Most, got, want)
	}
}

// all is a Catch that takes any number of publications.
func all(after uint64) Catch { return Catch{After: after, Replay: true, Most: math.MaxInt} }

// stall has c's socket take nothing any more.
func (s *stage) stall(c *Conn) {
	s.onLoop(c, func(*loop) { s.socket(c).room = 0 })
}

// drain has c's socket take everything.
func (s *stage) drain(c *Conn) {
	s.onLoop(c, func(l *loop) {
		s.socket(c).room = anyRoom
		if c.out != nil {
			l.writable(c)
		}
	})
}

// publish publishes, one after the other so that each is a turn of its own.
func (s *stage) publish(frames ...*Frame) {
	for _, f := range frames {
		s.e.Publish(f.Pub.Topic, f, nil)
		s.settle()
	}
}
