package live_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/livetopics/live"
)

func TestASessionIsFoundByItsIDUntilItEnds(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		var r *rig
		inHook := make(chan bool, 2)
		r = serve(t, kind, live.Options{OnConnect: func(_ context.Context, s *live.Session) error {
			inHook <- r.server.Session(s.ID()) == s
			return nil
		}})
		for range 2 {
			c, s := r.pair(t)
			if !within(t, "OnConnect", inHook) {
				t.Error("OnConnect does not find its own session")
			}
			if r.server.Session(s.ID()) != s || r.server.Session("nobody") != nil {
				t.Error("the session is not found, or another is")
			}
			c.nc.Close()
			within(t, "OnClose", r.left)
			eventually(t, "it is forgotten", func() bool { return r.server.Session(s.ID()) == nil })
		}
	})
}

func TestSessionsAreFoundThatCameBeforeAnybodyAsked(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		sessions := make([]*live.Session, 100)
		for i := range sessions {
			_, sessions[i] = r.pair(t)
		}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { // owner: the test; ends with the last session
				for i, s := range sessions {
					if r.server.Session(s.ID()) != s {
						t.Errorf("session %d is not found", i)
					}
				}
			})
		}
		all.Wait()
	})
}

func TestNoSessionIsMissedThatComesWhileSomebodyAsksFirst(t *testing.T) {
	for round := range 20 {
		r := serve(t, tcpSocket, live.Options{})
		var asking sync.WaitGroup
		asking.Go(func() { r.server.Session(fmt.Sprint(round)) }) // owner: the test; ends when it is answered
		for range 5 {
			_, s := r.pair(t)
			asking.Wait()
			if r.server.Session(s.ID()) != s {
				t.Fatal("a session is not found")
			}
		}
	}
}
