package live_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/livetest"
)

// drainMoment takes the event, and returns when the client is to come back.
func drainMoment(t *testing.T, c *livetest.Client) time.Duration {
	t.Helper()
	var data struct {
		Reconnect int `json:"reconnect_ms"`
	}
	decode(t, string(c.ExpectEvent("", "drain")), &data)
	return time.Duration(data.Reconnect) * time.Millisecond
}

// drained runs a test of a server that is being drained.
func drained(t *testing.T, test func(t *testing.T, s *livetest.Server, drain func() <-chan error)) {
	synctest.Test(t, func(t *testing.T) {
		s := livetest.NewServer(t, live.Options{})
		s.Topic("chat", live.Rule{CanSubscribe: live.Anyone, CanPublish: live.Anyone})
		test(t, s, func() <-chan error {
			done := make(chan error, 1)
			go func() { done <- s.Drain(t.Context(), 10*time.Second) }()
			synctest.Wait()
			return done
		})
	})
}

func TestDrainTellsEachClientAMomentOfItsOwn(t *testing.T) {
	drained(t, func(t *testing.T, s *livetest.Server, drain func() <-chan error) {
		var clients []*livetest.Client
		for range 10 {
			clients = append(clients, s.Dial(t))
		}
		plain := s.Dial(t, livetest.Plain())
		done := drain()
		moments := make(map[time.Duration]bool)
		for _, c := range clients {
			m := drainMoment(t, c)
			if m < 0 || m > 8*time.Second {
				t.Errorf("a client is to come back after %v, in a window of 10 s", m)
			}
			moments[m] = true
		}
		if len(moments) != len(clients) {
			t.Errorf("%d moments for %d clients", len(moments), len(clients))
		}
		plain.ExpectNothing()
		if err := s.Ready(); !errors.Is(err, live.ErrDraining) {
			t.Errorf("Ready: %v, want ErrDraining", err)
		}
		pass(11 * time.Second)
		if err := <-done; err != nil {
			t.Errorf("Drain: %v", err)
		}
	})
}

func TestWhileItDrainsAServerServesAllWhoAreThereAndWhoCome(t *testing.T) {
	drained(t, func(t *testing.T, s *livetest.Server, drain func() <-chan error) {
		ann := s.Dial(t)
		ann.Subscribe("chat")
		drain()
		drainMoment(t, ann)
		bob := s.Dial(t)
		drainMoment(t, bob)
		bob.Publish("chat", "hello")
		ann.Expect("chat", "hello")
	})
}

func TestDrainEndsWhenTheLastClientHasGone(t *testing.T) {
	drained(t, func(t *testing.T, s *livetest.Server, drain func() <-chan error) {
		ann, bob := s.Dial(t), s.Dial(t)
		began := time.Now()
		done := drain()
		ann.Close()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("Drain ended with bob there: %v", err)
		default:
		}
		bob.Close()
		if err := <-done; err != nil || time.Since(began) > time.Second {
			t.Errorf("Drain: %v after %v", err, time.Since(began))
		}
	})
}

func TestDrainEndsWithItsContext(t *testing.T) {
	drained(t, func(t *testing.T, s *livetest.Server, _ func() <-chan error) {
		s.Dial(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Drain(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Drain: %v, want DeadlineExceeded", err)
		}
	})
}

func TestWhoAsksForTheFirstTimeWhileItDrainsIsTold(t *testing.T) {
	drained(t, func(t *testing.T, s *livetest.Server, drain func() <-chan error) {
		plain := s.Dial(t, livetest.Plain())
		drain()
		plain.ExpectNothing()
		plain.Subscribe("chat")
		drainMoment(t, plain)
	})
}

func TestMomentsAreAnnouncedOnce(t *testing.T) {
	drained(t, func(t *testing.T, s *livetest.Server, drain func() <-chan error) {
		ann := s.Dial(t)
		drain()
		drain()
		drainMoment(t, ann)
		ann.ExpectNothing()
	})
}
