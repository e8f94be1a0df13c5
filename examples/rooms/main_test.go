package main

import (
	"testing"
	"testing/synctest"

	"github.com/livetopics/live"
	"github.com/livetopics/live/livetest"
)

// start starts the rooms.
func start(t *testing.T) *livetest.Server {
	srv := livetest.NewServer(t, options())
	register(srv.Server)
	return srv
}

func dial(t *testing.T, srv *livetest.Server, name string) *livetest.Client {
	t.Helper()
	return srv.Dial(t, livetest.Query("name", name))
}

func text(words string) map[string]string { return map[string]string{"text": words} }

func TestARoomHearsWhatOneSaysUnderTheirName(t *testing.T) {
	srv := start(t)
	ann, bob := dial(t, srv, "ann"), dial(t, srv, "bob")
	ann.Subscribe("room:go")
	bob.Subscribe("room:go")
	bob.Publish("room:go", map[string]string{"text": "hello", "from": "ann"})
	ann.Expect("room:go", said{From: "bob", Text: "hello"})
	bob.Expect("room:go", said{From: "bob", Text: "hello"})
}

func TestWhoWasAwayGetsWhatWasMissed(t *testing.T) {
	srv := start(t)
	ann, bob := dial(t, srv, "ann"), dial(t, srv, "bob")
	ann.Subscribe("room:go")
	bob.Publish("room:go", text("one"))
	ann.Expect("room:go", said{From: "bob", Text: "one"})
	ann.Cut()
	bob.Publish("room:go", text("two"))
	bob.Publish("room:go", text("three"))
	ann.Resume()
	ann.Expect("room:go", said{From: "bob", Text: "two"})
	ann.Expect("room:go", said{From: "bob", Text: "three"})
	ann.ExpectNothing()
}

func TestALostConnectionMakesNoNoiseIfItComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := start(t)
		ann, bob := dial(t, srv, "ann"), dial(t, srv, "bob")
		ann.Subscribe("room:go", livetest.WithPresence())
		bob.Subscribe("room:go")
		ann.ExpectEvent("room:go", "join")
		bob.Cut()
		bob.Resume()
		ann.ExpectNothing()
		bob.Cut()
		ann.ExpectEvent("room:go", "leave")
	})
}

func TestTheStaffRoomIsForStaff(t *testing.T) {
	srv := start(t)
	dial(t, srv, "staff-eve").Subscribe("room:staff")
	if _, refusal := dial(t, srv, "ann").TrySubscribe("room:staff"); refusal == nil || refusal.Code != live.CodeForbidden {
		t.Errorf("ann is told %v", refusal)
	}
}

func TestNothingIsSaidWithoutWords(t *testing.T) {
	ann := dial(t, start(t), "ann")
	for _, data := range []any{text(""), "hello", nil} {
		if _, refusal := ann.TryPublish("room:go", data); refusal == nil || refusal.Code != live.CodeBadRequest {
			t.Errorf("%v: %v", data, refusal)
		}
	}
}
