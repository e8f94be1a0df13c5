package livetest_test

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/livetest"
)

// open lets everybody do everything.
func open(edit ...func(*live.Rule)) live.Rule {
	r := live.Rule{CanSubscribe: live.Anyone, CanPublish: live.Anyone}
	for _, e := range edit {
		e(&r)
	}
	return r
}

func remembers(n int) func(*live.Rule) {
	return func(r *live.Rule) { r.History = live.History{Size: n} }
}

// bothWays runs a test outside of a bubble and in one.
func bothWays(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	t.Run("plain", test)
	t.Run("bubble", func(t *testing.T) { synctest.Test(t, test) })
}

// raw is JSON as it is.
func raw(s string) json.RawMessage { return json.RawMessage(s) }

func TestClientsTalkToEachOther(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		srv := livetest.NewServer(t, live.Options{})
		srv.Topic("chat:{room}", open())
		alice, bob := srv.Dial(t, livetest.User("alice")), srv.Dial(t, livetest.User("bob"))
		alice.Subscribe("chat:1")
		bob.Subscribe("chat:1")
		alice.Publish("chat:1", "hello")
		bob.Expect("chat:1", "hello")
		alice.Expect("chat:1", "hello")
		bob.Publish("chat:1", map[string]any{"text": "<hi>", "n": 1}, livetest.NoEcho())
		alice.Expect("chat:1", raw(`{"n": 1.0, "text": "\u003chi>"}`))
		alice.ExpectNothing()
		bob.ExpectNothing()
	})
}

func TestTheUserIsTheValueAndPresent(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		values := make(chan any, 2)
		srv := livetest.NewServer(t, live.Options{OnConnect: func(_ context.Context, s *live.Session) error {
			values <- s.Value()
			return nil
		}})
		srv.Topic("room", open(func(r *live.Rule) { r.Presence = true }))
		c := srv.Dial(t, livetest.User("alice"))
		if v := <-values; v != "alice" {
			t.Errorf("Value is %v in OnConnect", v)
		}
		s := c.Subscribe("room", livetest.WithPresence())
		if s.Count != 1 || len(s.Members) != 1 || s.Members[0].User != "alice" {
			t.Errorf("the members are %+v", s)
		}
		if m := c.Presence("room"); m.Count != 1 || m.List[0].User != "alice" || m.List[0].Sessions != 1 {
			t.Errorf("the members are %+v", m)
		}
		srv.Dial(t)
		if v := <-values; v != "" {
			t.Errorf("Value is %v without a User", v)
		}
	})
}

func TestPresenceOutlastsAReconnectAndEndsAfterTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := livetest.NewServer(t, live.Options{})
		srv.Topic("room", open(func(r *live.Rule) { r.Presence = true }))
		alice, bob := srv.Dial(t, livetest.User("alice")), srv.Dial(t, livetest.User("bob"))
		bob.Subscribe("room", livetest.WithPresence())
		alice.Subscribe("room")
		bob.ExpectEvent("room", "join")

		alice.Cut()
		<-time.After(9 * time.Second)
		alice.Resume()
		<-time.After(time.Minute)
		bob.ExpectNothing()

		alice.Cut()
		start := time.Now()
		var gone live.Member
		if err := json.Unmarshal(bob.ExpectEvent("room", "leave"), &gone); err != nil || gone.User != "alice" {
			t.Errorf("%+v left, %v", gone, err)
		}
		if passed := time.Since(start); passed != 10*time.Second {
			t.Errorf("after %v", passed)
		}
	})
}
