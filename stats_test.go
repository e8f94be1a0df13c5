package live_test

import (
	"slices"
	"testing"

	"github.com/livetopics/live"
)

func TestStatsCount(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnMessage: echo})
		a, as := r.pair(t)
		b, bs := r.pair(t)
		r.subscribe(t, as, "x", "y")
		r.subscribe(t, bs, "x")
		in := frame(true, opText, envelope("echo", "1"))
		a.raw(t, in)
		a.want(t, "echo", "1")
		r.publish(t, "x", "1")
		a.want(t, "x", "1")
		b.want(t, "x", "1")
		r.publish(t, "nobody", "1")
		// They are counted a moment after they are written.
		eventually(t, "the messages are counted", func() bool { return r.server.Stats().Delivered == 3 })
		s := r.server.Stats()
		out := uint64(2+len(envelope("echo", "1"))) + 2*uint64(2+len(envelope("x", "1")))
		want := live.Stats{
			Sessions: 2, Topics: 2, Subscriptions: 3,
			Opened: 2, Published: 2, Delivered: 3, Writes: s.Writes,
			BytesOut: out, MessagesIn: 1, BytesIn: uint64(len(in)),
		}
		if s != want || s.Writes < 2 || s.Writes > 3 {
			t.Errorf("Stats: %+v\n  want: %+v", s, want)
		}
		a.nc.Close()
		within(t, "OnClose", r.left)
		s = r.server.Stats()
		if s.Sessions != 1 || s.Topics != 1 || s.Subscriptions != 1 || s.Opened != 2 {
			t.Errorf("Stats after one left: %+v", s)
		}
	})
}

func TestSubscribersCountsOneTopic(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		for i := range 5 {
			_, s := r.pair(t)
			r.subscribe(t, s, "x", "x", "other")
			if n := r.server.Subscribers("x"); n != i+1 {
				t.Errorf("Subscribers is %d after %d", n, i+1)
			}
			if i%2 == 1 {
				r.server.Unsubscribe(s, "other")
			}
		}
		if x, other, none := r.server.Subscribers("x"), r.server.Subscribers("other"), r.server.Subscribers("none"); x != 5 || other != 3 || none != 0 {
			t.Errorf("Subscribers are %d, %d and %d, want 5, 3 and 0", x, other, none)
		}
	})
}

func TestTopicsAreInTheOrderOfSubscription(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		_, s := r.pair(t)
		var want []string
		for _, d := range numbers(30) {
			r.subscribe(t, s, "t:"+d)
			want = append(want, "t:"+d)
		}
		for i := len(want) - 1; i >= 0; i -= 3 {
			if err := r.server.Unsubscribe(s, want[i]); err != nil {
				t.Fatal(err)
			}
			want = append(want[:i], want[i+1:]...)
		}
		if got := s.Topics(); !slices.Equal(got, want) {
			t.Errorf("Topics are %v, want %v", got, want)
		}
	})
}
