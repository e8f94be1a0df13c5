package live_test

import (
	"context"
	"sync"
	"testing"

	"github.com/livetopics/live"
)

func TestOnePublicationReachesThousandsWhileOthersAreServed(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const subscribers = 4000
		r := serve(t, kind, live.Options{
			OnConnect: func(_ context.Context, s *live.Session) error {
				if s.Value() != nil {
					return nil
				}
				return s.Server().Subscribe(s, "all")
			},
			OnMessage: echo,
		})
		crowd := make([]*client, subscribers)
		within64(t, subscribers, func(i int) error {
			c, err := r.open()
			crowd[i-1] = c
			return err
		})
		defer func() {
			for _, c := range crowd {
				c.nc.Close()
			}
		}()
		other := r.dial(t)
		eventually(t, "all are subscribed", func() bool { return r.server.Subscribers("all") == subscribers+1 })

		var reading sync.WaitGroup
		for range 3 {
			reading.Go(func() { r.server.Publish("all", []byte(`"to all"`)) })
		}
		reading.Go(func() {
			within64(t, subscribers, func(i int) error {
				for range 3 {
					if got, err := crowd[i-1].receive(); err != nil || got != envelope("all", `"to all"`) {
						return err
					}
				}
				return nil
			})
		})
		other.send(t, "echo", "1")
		for answered := false; !answered; {
			answered = other.next(t) == envelope("echo", "1")
		}
		reading.Wait()
		if s := r.server.Stats(); s.ClosedSlow != 0 || s.Sessions != subscribers+1 {
			t.Errorf("Stats: %+v", s)
		}
	})
}
