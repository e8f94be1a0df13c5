package livetest_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/livetopics/live"
	"github.com/livetopics/live/livetest"
)

// room is a rule as an application has one: who is muted may listen.
func room(muted string) live.Rule {
	return live.Rule{
		CanSubscribe: live.Anyone,
		CanPublish: func(_ context.Context, s *live.Session, t live.Match) error {
			if s.Value() == muted {
				return live.Errorf(live.CodeForbidden, "You are muted in %s.", t.Param("room"))
			}
			return nil
		},
		History:  live.History{Size: 10},
		Presence: true,
	}
}

func TestWhoIsMutedListensAndMissesNothing(t *testing.T) {
	srv := livetest.NewServer(t, live.Options{})
	srv.Topic("chat:{room}", room("bob"))
	alice := srv.Dial(t, livetest.User("alice"))
	bob := srv.Dial(t, livetest.User("bob"))

	bob.Subscribe("chat:1")
	alice.Publish("chat:1", "hello")
	bob.Expect("chat:1", "hello")
	if _, refusal := bob.TryPublish("chat:1", "hi"); refusal == nil || refusal.Message != "You are muted in 1." {
		t.Errorf("bob was answered %v", refusal)
	}

	bob.Cut()
	alice.Publish("chat:1", "are you there?")
	bob.Resume()
	bob.Expect("chat:1", "are you there?")
	bob.ExpectNothing()
}

func TestWhoIsGoneForLongIsSaidToHaveLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := livetest.NewServer(t, live.Options{})
		srv.Topic("chat:{room}", room("nobody"))
		alice := srv.Dial(t, livetest.User("alice"))
		bob := srv.Dial(t, livetest.User("bob"))

		alice.Subscribe("chat:1", livetest.WithPresence())
		bob.Subscribe("chat:1")
		alice.ExpectEvent("chat:1", "join")
		bob.Cut()
		alice.ExpectEvent("chat:1", "leave") // 10 s of the bubble's time later
		alice.ExpectNothing()
	})
}
