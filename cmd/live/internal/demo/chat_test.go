package demo_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/cmd/live/internal/demo"
	"github.com/livetopics/live/livetest"
)

// text is what somebody said.
type text struct {
	ID, From, Text string
	At             int64
}

// serve starts a chat.
func serve(t *testing.T) *livetest.Server {
	t.Helper()
	var o live.Options
	register := demo.Setup(&o)
	srv := livetest.NewServer(t, o)
	register(srv.Server)
	return srv
}

// dial connects under a name.
func dial(t *testing.T, srv *livetest.Server, name string) *livetest.Client {
	t.Helper()
	return srv.Dial(t, livetest.Query("name", name))
}

// say publishes to a room.
func say(c *livetest.Client, room, words string, opts ...livetest.PublishOption) {
	c.Publish("chat:"+room, map[string]string{"text": words}, opts...)
}

// heard returns the next publication.
func heard(t *testing.T, c *livetest.Client) (said text) {
	t.Helper()
	if err := json.Unmarshal(c.Next().Data, &said); err != nil {
		t.Fatal(err)
	}
	return said
}

func TestEverybodyInARoomHearsWhatOneSays(t *testing.T) {
	srv := serve(t)
	ada, grace := dial(t, srv, "Ada"), dial(t, srv, "Grace")
	ada.Subscribe("chat:lobby")
	grace.Subscribe("chat:lobby")
	before := time.Now().UnixMilli()
	ada.Publish("chat:lobby", json.RawMessage(`{"text":"  hi\u0007 all\n","id":"x1","from":"Eve","at":1}`))
	for _, c := range []*livetest.Client{ada, grace} {
		said := heard(t, c)
		if said.Text != "hi all" || said.ID != "x1" || said.From != "Ada" {
			t.Errorf("heard %+v", said)
		}
		if said.At < before || said.At > time.Now().UnixMilli() {
			t.Errorf("the time is %d, now it is %d", said.At, time.Now().UnixMilli())
		}
	}
}

func TestWhoeverJoinsHearsTheLastOfWhatWasSaid(t *testing.T) {
	srv := serve(t)
	ada := dial(t, srv, "Ada")
	for _, words := range []string{"one", "two", "three"} {
		say(ada, "lobby", words)
	}
	grace := dial(t, srv, "Grace")
	grace.Subscribe("chat:lobby", livetest.Last(2))
	for _, want := range []string{"two", "three"} {
		if said := heard(t, grace); said.Text != want {
			t.Errorf("heard %+v, want %s", said, want)
		}
	}
}

func TestWhatWasSaidIsForgottenAfterAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := serve(t)
		ada := dial(t, srv, "Ada")
		say(ada, "lobby", "hi")
		<-time.After(59 * time.Minute)
		if got := ada.History("chat:lobby").Publications; len(got) != 1 {
			t.Errorf("after 59 minutes: %v", got)
		}
		<-time.After(2 * time.Minute)
		if got := ada.History("chat:lobby").Publications; len(got) != 0 {
			t.Errorf("after 61 minutes: %v", got)
		}
	})
}

func TestTwoWindowsOfOneNameAreOnePerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := serve(t)
		ada := dial(t, srv, "Ada")
		ada.Subscribe("chat:lobby", livetest.WithPresence())
		grace, again := dial(t, srv, "Grace"), dial(t, srv, " Grace ")
		grace.Subscribe("chat:lobby")
		ada.ExpectEvent("chat:lobby", "join")
		again.Subscribe("chat:lobby")
		grace.Cut()
		ada.ExpectNothing()
		if m := ada.Presence("chat:lobby"); m.Count != 2 || m.List[1].User != "Grace" {
			t.Errorf("present are %+v", m)
		}
		again.Cut()
		ada.ExpectEvent("chat:lobby", "leave")
	})
}

func TestANewNameIsKnownToAllInTheRoom(t *testing.T) {
	srv := serve(t)
	ada, grace := dial(t, srv, "Ada"), dial(t, srv, "Grace")
	ada.Subscribe("chat:lobby", livetest.WithPresence())
	grace.Subscribe("chat:lobby")
	ada.ExpectEvent("chat:lobby", "join")
	if got := grace.Call("name", map[string]string{"name": " Hopper\t"}); string(got) != `{"name":"Hopper"}` {
		t.Errorf("the new name is %s", got)
	}
	for _, event := range []string{"leave", "join"} {
		if got := string(ada.ExpectEvent("chat:lobby", event)); !strings.Contains(got, map[string]string{"leave": "Grace", "join": "Hopper"}[event]) {
			t.Errorf("%s: %s", event, got)
		}
	}
}

func TestATextThatIsSentAgainIsSaidOnce(t *testing.T) {
	srv := serve(t)
	ada := dial(t, srv, "Ada")
	ada.Subscribe("chat:lobby")
	say(ada, "lobby", "once", livetest.Dedup("x1"))
	heard(t, ada)
	ada.Cut()
	ada.Resume()
	say(ada, "lobby", "once", livetest.Dedup("x1"))
	ada.ExpectNothing()
}

func TestOthersSeeWhoIsTyping(t *testing.T) {
	srv := serve(t)
	ada, grace := dial(t, srv, "Ada"), dial(t, srv, "Grace")
	ada.Subscribe("typing:lobby")
	grace.Subscribe("typing:lobby")
	ada.Publish("typing:lobby", map[string]string{"from": "Eve"}, livetest.Key("Ada"), livetest.NoEcho())
	grace.Expect("typing:lobby", map[string]string{"from": "Ada"})
	ada.ExpectNothing()
}

func TestTheListOfRoomsFollowsThoseWhoComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := serve(t)
		ada, watcher := dial(t, srv, "Ada"), dial(t, srv, "")
		ada.Subscribe("chat:attic")
		synctest.Wait()
		if s := watcher.Subscribe("rooms"); string(s.Snapshot) != `{"rooms":[{"room":"attic","open":true}]}` {
			t.Errorf("the rooms are %s", s.Snapshot)
		}
		ada.Subscribe("chat:lobby")
		watcher.Expect("rooms", json.RawMessage(`{"rooms":[{"room":"lobby","open":true}]}`))
		ada.Unsubscribe("chat:lobby")
		watcher.Expect("rooms", json.RawMessage(`{"rooms":[{"room":"lobby","open":false}]}`))
	})
}

func TestRequestsThatCannotBeAreRefused(t *testing.T) {
	srv := serve(t)
	long := strings.Repeat("é", 33)
	ada, nobody := dial(t, srv, "Ada"), dial(t, srv, "\u202e")
	for _, c := range []struct {
		client            *livetest.Client
		topic, data, code string
	}{
		{nobody, "chat:lobby", `{"text":"hi"}`, live.CodeUnauthorized},
		{ada, "chat:Lobby", `{"text":"hi"}`, live.CodeBadRequest},
		{ada, "chat:" + long, `{"text":"hi"}`, live.CodeTooLarge},
		{ada, "other:lobby", `{"text":"hi"}`, live.CodeForbidden},
		{ada, "rooms", `{}`, live.CodeForbidden},
		{ada, "chat:lobby", `[]`, live.CodeBadRequest},
		{ada, "chat:lobby", `{"text":" \n "}`, live.CodeBadRequest},
		{ada, "chat:lobby", `{"text":"` + strings.Repeat("é", 2001) + `"}`, live.CodeTooLarge},
		{ada, "chat:lobby", `{"text":"hi","id":"` + strings.Repeat("7", 65) + `"}`, live.CodeTooLarge},
	} {
		if _, refusal := c.client.TryPublish(c.topic, json.RawMessage(c.data)); refusal == nil || refusal.Code != c.code {
			t.Errorf("%s %.40s: %v, want %s", c.topic, c.data, refusal, c.code)
		}
	}
	for data, code := range map[string]string{
		`{"name":" \t "}`:         live.CodeBadRequest,
		`{"name":"A\u202eda"}`:    live.CodeBadRequest,
		`{"name":"` + long + `"}`: live.CodeTooLarge,
		`[]`:                      live.CodeBadRequest,
	} {
		if _, refusal := ada.TryCall("name", json.RawMessage(data)); refusal == nil || refusal.Code != code {
			t.Errorf("name %s: %v, want %s", data, refusal, code)
		}
	}
	if _, refusal := ada.TryCall("dance", nil); refusal == nil || refusal.Code != live.CodeNotFound {
		t.Errorf("dance: %v", refusal)
	}
}

func TestAFloodIsRefusedAndTheSessionLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := serve(t)
		ada := dial(t, srv, "Ada")
		var refusal *live.Error
		for n := 0; refusal == nil && n < 100; n++ {
			_, refusal = ada.TryPublish("chat:lobby", json.RawMessage(`{"text":"again"}`))
		}
		if refusal == nil || refusal.Code != live.CodeRateLimited {
			t.Errorf("a flood is answered with %v", refusal)
		}
		<-time.After(time.Second)
		say(ada, "lobby", "more slowly")
	})
}
