package demo_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/cmd/live/internal/demo"
	"github.com/livetopics/live/cmd/live/internal/wstest"
)

type (
	member struct {
		ID   uint64
		Name string
	}
	joined struct {
		Room    string
		You     member
		Members []member
	}
	event struct {
		Type, ID, Text string
		From, Member   member
		At             int64
	}
	refusal struct{ Code, Message, ID string }
	room    struct {
		Room    string
		Members int
	}
	roomList struct{ Rooms []room }
)

// serve starts a chat and returns its address and server.
func serve(t *testing.T) (string, *live.Server) {
	t.Helper()
	chat := demo.NewChat()
	server := live.New(live.Options{OnAuth: chat.OnAuth, OnMessage: chat.OnMessage, OnClose: chat.OnClose})
	http := httptest.NewServer(server.Handler())
	t.Cleanup(func() {
		http.Close()
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // the clients of a test do not answer a close frame
		_ = server.Shutdown(ctx)
	})
	return http.Listener.Addr().String(), server
}

// enter connects and joins a room.
func enter(t *testing.T, addr, room, name string) (*wstest.Client, joined) {
	t.Helper()
	c := wstest.Dial(t, addr)
	c.Send("join", fmt.Sprintf(`{"room":%q,"name":%q}`, room, name))
	var in joined
	c.Expect("joined", &in)
	own := next(c, room)
	if own.Type != "join" || own.Member != in.You {
		t.Fatalf("after joining as %v: %+v", in.You, own)
	}
	return c, in
}

// next returns the next publication in a room.
func next(c *wstest.Client, room string) (e event) {
	c.Expect("chat:"+room, &e)
	return e
}

func names(members []member) []string {
	var all []string
	for _, m := range members {
		all = append(all, m.Name)
	}
	return all
}

func TestEverybodyInARoomHearsWhatOneSays(t *testing.T) {
	addr, _ := serve(t)
	ada, a := enter(t, addr, "lobby", "Ada")
	grace, _ := enter(t, addr, "lobby", "Grace")
	next(ada, "lobby") // Grace joined
	before := time.Now().UnixMilli()
	ada.Send("chat:lobby", `{"text":"  hi\u0007 all\n","id":"x1","from":{"name":"Eve"},"name":"Eve","at":1}`)
	for _, c := range []*wstest.Client{ada, grace} {
		e := next(c, "lobby")
		if e.Type != "message" || e.Text != "hi all" || e.ID != "x1" || e.From != a.You {
			t.Errorf("heard %+v", e)
		}
		if e.At < before || e.At > time.Now().UnixMilli() {
			t.Errorf("the time is %d, now it is %d", e.At, time.Now().UnixMilli())
		}
	}
}

func TestWhoeverJoinsIsToldWhoIsThere(t *testing.T) {
	addr, _ := serve(t)
	enter(t, addr, "lobby", "Ada")
	enter(t, addr, "kitchen", "Ken")
	_, in := enter(t, addr, "lobby", "Grace")
	if got := names(in.Members); in.Room != "lobby" || !slices.Equal(got, []string{"Ada", "Grace"}) {
		t.Errorf("joined %s with %v", in.Room, got)
	}
}

func TestOthersAreToldWhoComesAndGoes(t *testing.T) {
	addr, _ := serve(t)
	ada, _ := enter(t, addr, "lobby", "Ada")
	leaves := map[string]func(*wstest.Client){
		"by leaving":    func(c *wstest.Client) { c.Send("leave", "") },
		"by hanging up": func(c *wstest.Client) { c.Hangup() },
		"to a room":     func(c *wstest.Client) { c.Send("join", `{"room":"other","name":"Grace"}`) },
		"to a new name": func(c *wstest.Client) { c.Send("join", `{"room":"lobby","name":"Hopper"}`) },
	}
	for how, leave := range leaves {
		grace, in := enter(t, addr, "lobby", "Grace")
		if e := next(ada, "lobby"); e.Type != "join" || e.Member != in.You {
			t.Errorf("%s: %+v, want a join", how, e)
		}
		leave(grace)
		if e := next(ada, "lobby"); e.Type != "leave" || e.Member != in.You {
			t.Errorf("%s: %+v, want a leave", how, e)
		}
		if how == "to a new name" {
			if e := next(ada, "lobby"); e.Type != "join" || e.Member.Name != "Hopper" {
				t.Errorf("%s: %+v, want a join", how, e)
			}
			grace.Hangup()
			next(ada, "lobby")
		}
	}
}

func TestWhoeverLeftHearsNothing(t *testing.T) {
	addr, server := serve(t)
	ada, _ := enter(t, addr, "lobby", "Ada")
	ada.Send("leave", "")
	var left struct{ Room string }
	ada.Expect("left", &left)
	if left.Room != "lobby" {
		t.Errorf("left %q", left.Room)
	}
	if n := server.Stats().Subscriptions; n != 0 {
		t.Errorf("%d subscriptions are left", n)
	}
}

func TestNameThatIsTakenGetsANumber(t *testing.T) {
	addr, _ := serve(t)
	want := []string{"Ada", "ADA 2", "Ada 3"}
	for i, name := range []string{"Ada", " ADA ", "Ada"} {
		if _, in := enter(t, addr, "lobby", name); in.You.Name != want[i] {
			t.Errorf("%q became %q, want %q", name, in.You.Name, want[i])
		}
	}
	if _, in := enter(t, addr, "elsewhere", "Ada"); in.You.Name != "Ada" {
		t.Errorf("in another room: %q", in.You.Name)
	}
}

func TestRequestsThatCannotBeAreRefused(t *testing.T) {
	addr, _ := serve(t)
	long := strings.Repeat("é", 33)
	for _, c := range []struct{ topic, data, code string }{
		{"dance", `{}`, "bad_request"},
		{"leave", ``, "bad_request"},
		{"join", ``, "bad_request"},
		{"join", `[]`, "bad_request"},
		{"join", `{"room":1,"name":"Ada"}`, "bad_request"},
		{"join", `{"room":"lobby","name":" \t "}`, "bad_request"},
		{"join", `{"room":"lobby","name":"A\u202eda"}`, "bad_request"},
		{"join", `{"room":"lobby","name":"` + long + `"}`, "too_large"},
		{"join", `{"room":"","name":"Ada"}`, "bad_request"},
		{"join", `{"room":"a b","name":"Ada"}`, "bad_request"},
		{"join", `{"room":"a:b","name":"Ada"}`, "bad_request"},
		{"join", `{"room":"Lobby","name":"Ada"}`, "bad_request"},
		{"join", `{"room":"*","name":"Ada"}`, "bad_request"},
		{"join", `{"room":"$x","name":"Ada"}`, "bad_request"},
		{"join", `{"room":"` + long + `","name":"Ada"}`, "too_large"},
		{"chat:lobby", `{"text":"hi","id":"7"}`, "forbidden"},
		{"chat:", `{"text":"hi","id":"7"}`, "forbidden"},
		{"chat:lobby", `{"text":"hi","id":"` + strings.Repeat("7", 65) + `"}`, "too_large"},
	} {
		client := wstest.Dial(t, addr)
		client.Send(c.topic, c.data)
		var r refusal
		client.Expect("error", &r)
		if r.Code != c.code || r.Message == "" {
			t.Errorf("%s %s: %+v, want %s", c.topic, c.data, r, c.code)
		}
		if want := strings.Contains(c.data, `"id":"7"`); want != (r.ID == "7") {
			t.Errorf("%s %s: the refusal has the id %q", c.topic, c.data, r.ID)
		}
	}
}

func TestTextsThatCannotBeAreRefused(t *testing.T) {
	addr, _ := serve(t)
	ada, _ := enter(t, addr, "lobby", "Ada")
	for _, c := range []struct{ room, text, code string }{
		{"lobby", ` \n `, "bad_request"},
		{"lobby", strings.Repeat("é", 2001), "too_large"},
		{"kitchen", "hi", "forbidden"},
	} {
		ada.Send("chat:"+c.room, `{"text":"`+c.text+`","id":"7"}`)
		var r refusal
		ada.Expect("error", &r)
		if r.Code != c.code || r.ID != "7" {
			t.Errorf("%s %.10q: %+v, want %s", c.room, c.text, r, c.code)
		}
	}
	ada.Send("chat:lobby", `{"text":"`+strings.Repeat("é", 2000)+`"}`)
	if e := next(ada, "lobby"); len(e.Text) != 4000 {
		t.Errorf("the longest text arrived with %d bytes", len(e.Text))
	}
}

func TestFloodIsRefusedAndTheSessionLives(t *testing.T) {
	addr, _ := serve(t)
	ada, _ := enter(t, addr, "lobby", "Ada")
	for range 30 {
		ada.Send("chat:lobby", `{"text":"again","id":"7"}`)
	}
	var r refusal
	ada.Expect("error", &r)
	if r.Code != "rate_limited" || r.ID != "7" {
		t.Errorf("%+v", r)
	}
	enter(t, addr, "lobby", "Grace")
	for e := next(ada, "lobby"); e.Type != "join"; {
		e = next(ada, "lobby")
	}
}
