package engine

import (
	"testing"

	"github.com/livetopics/live/internal/ws"
)

func TestStatsCountsWhatHappened(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		o.Loops = 1
		r := newRig(t, o)
		p := r.dial()
		r.subscribe(&p.conn, "room")
		in := masked(ws.OpText, "hello")
		p.write(in)
		p.seen(1)
		r.e.Publish("room", numbered(1), nil)
		p.conn.Send(numbered(2))
		p.wantText("1", "2")
		r.settle()
		s := r.e.Stats()
		writes := s.Writes
		if s.Writes = 0; writes < 1 || writes > 2 {
			t.Errorf("two frames took %d writes", writes)
		}
		want := Stats{
			Connections: 1, Topics: 1, Subscriptions: 1,
			Opened: 1, MessagesIn: 1, BytesIn: uint64(len(in)), Delivered: 2, BytesOut: 6,
		}
		if s != want {
			t.Errorf("Stats has %+v, want %+v", s, want)
		}
	})
}
