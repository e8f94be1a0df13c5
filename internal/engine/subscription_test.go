package engine

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSubscribeAndUnsubscribeSayWhetherTheyChangedAnything(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		c := &r.dial().conn
		for _, step := range []struct {
			call func(*Conn, string) (bool, error)
			want bool
			n    int
		}{
			{r.e.Unsubscribe, false, 0},
			{r.e.Subscribe, true, 1},
			{r.e.Subscribe, false, 1},
			{r.e.Unsubscribe, true, 0},
			{r.e.Unsubscribe, false, 0},
		} {
			got, err := step.call(c, "room")
			if n := r.e.Subscribers("room"); got != step.want || err != nil || n != step.n {
				t.Errorf("got %v, %v and %d subscribers; want %v, nil and %d", got, err, n, step.want, step.n)
			}
		}
	})
}

func TestNothingIsPublishedToAConnectionBeforeOrAfterItsSubscription(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		p := r.dial()
		r.e.Publish("room", numbered(1), nil)
		r.subscribe(&p.conn, "room")
		r.e.Publish("room", numbered(2), nil)
		r.e.Unsubscribe(&p.conn, "room")
		r.e.Publish("room", numbered(3), nil)
		r.subscribe(&p.conn, "room")
		r.e.Publish("room", numbered(4), nil)
		p.conn.Send(numbered(5))
		p.wantText("2", "4", "5")
	})
}

func TestTopicsAreListedInTheOrderOfSubscription(t *testing.T) {
	for _, n := range []int{0, 1, 2, fewTopics, fewTopics + 1, 50} {
		r := newRig(t, Options{})
		c := &r.dial().conn
		r.subscribe(c, names(n)...)
		if got := c.Topics(); !slices.Equal(got, names(n)) {
			t.Errorf("of %d topics %q are listed", n, got)
		}
	}
}

func TestSubscriptionsEqualASliceOfNames(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		for seed := range uint64(20) {
			rng := rand.New(rand.NewPCG(seed, 4))
			c, all := &r.dial().conn, names(12*fewTopics)
			var model []string
			for range 600 {
				name := all[rng.IntN(len(all))]
				i := slices.Index(model, name)
				if rng.IntN(2) == 0 {
					if added, _ := r.e.Subscribe(c, name); added != (i < 0) {
						t.Fatalf("seed %d: Subscribe says %v, the model has it at %d", seed, added, i)
					} else if added {
						model = append(model, name)
					}
				} else if removed, _ := r.e.Unsubscribe(c, name); removed != (i >= 0) {
					t.Fatalf("seed %d: Unsubscribe says %v, the model has it at %d", seed, removed, i)
				} else if removed {
					model = slices.Delete(model, i, i+1)
				}
				if got := c.Topics(); !slices.Equal(got, model) {
					t.Fatalf("seed %d: Topics is %q, want %q", seed, got, model)
				}
			}
		}
	})
}

func TestTopicIsForgottenWithItsLastSubscriber(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		o.Loops = 3
		r := newRig(t, o)
		a, b := r.dial(), r.dial()
		for _, name := range names(500) {
			r.subscribe(&a.conn, name)
			r.subscribe(&b.conn, name)
		}
		r.settle()
		if s := r.e.Stats(); s.Topics != 500 || s.Subscriptions != 1000 || s.Connections != 2 {
			t.Errorf("Stats has %+v; want 500 topics, 1000 subscriptions, 2 connections", s)
		}
		for _, name := range names(500) {
			r.e.Unsubscribe(&a.conn, name)
		}
		b.nc.Close()
		b.ended()
		if s := r.e.Stats(); s.Topics != 0 || s.Subscriptions != 0 || s.Connections != 1 {
			t.Errorf("Stats has %+v; want no topic, no subscription, 1 connection", s)
		}
	})
}

func TestShardsListShrinksWithIt(t *testing.T) {
	s := newStage(t, Options{}, 1000)
	s.everybody("room")
	sh := s.e.route.stripe("room").topics["room"].shards[0]
	for _, c := range s.conns[10:] {
		s.e.Unsubscribe(c, "room")
	}
	s.onLoop(s.conns[0], func(*loop) {
		if len(sh.subs) != 10 || cap(sh.subs) > 100 {
			t.Errorf("10 of 1000 subscribers take a list of %d with room for %d", len(sh.subs), cap(sh.subs))
		}
	})
}
