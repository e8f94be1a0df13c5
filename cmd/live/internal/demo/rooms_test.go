package demo_test

import (
	"slices"
	"testing"

	"github.com/livetopics/live/cmd/live/internal/wstest"
)

// watch connects and returns the list of rooms at that moment.
func watch(t *testing.T, addr string) (*wstest.Client, []room) {
	t.Helper()
	c := wstest.Dial(t, addr)
	c.Send("rooms", "")
	return c, rooms(c)
}

func rooms(c *wstest.Client) []room {
	var list roomList
	c.Expect("rooms", &list)
	return list.Rooms
}

func TestListOfRoomsHasTheBusiestFirst(t *testing.T) {
	addr, _ := serve(t)
	if _, none := watch(t, addr); none == nil || len(none) != 0 {
		t.Errorf("without anybody: %v", none)
	}
	enter(t, addr, "attic", "Ada")
	enter(t, addr, "lobby", "Grace")
	enter(t, addr, "lobby", "Ken")
	enter(t, addr, "barn", "Barbara")
	want := []room{{"lobby", 2}, {"attic", 1}, {"barn", 1}}
	if _, got := watch(t, addr); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestListOfRoomsFollowsThoseWhoComeAndGo(t *testing.T) {
	addr, server := serve(t)
	watcher, _ := watch(t, addr)
	ada, _ := enter(t, addr, "lobby", "Ada")
	if got := rooms(watcher); !slices.Equal(got, []room{{"lobby", 1}}) {
		t.Errorf("after a join: %v", got)
	}
	ada.Send("join", `{"room":"attic","name":"Ada"}`)
	for _, want := range []room{{"lobby", 0}, {"attic", 1}} {
		if got := rooms(watcher); !slices.Equal(got, []room{want}) {
			t.Errorf("after a move: %v, want %v", got, want)
		}
	}
	ada.Hangup()
	if got := rooms(watcher); !slices.Equal(got, []room{{"attic", 0}}) {
		t.Errorf("after a goodbye: %v", got)
	}
	if n := server.Stats().Topics; n != 1 {
		t.Errorf("%d topics have subscribers, want the list of rooms alone", n)
	}
}

func TestFullRoomRefusesOneMore(t *testing.T) {
	addr, _ := serve(t)
	const full = 256
	for range full {
		c := wstest.Dial(t, addr)
		c.Send("join", `{"room":"lobby","name":"Ada"}`)
		var in joined
		c.Expect("joined", &in)
	}
	late := wstest.Dial(t, addr)
	late.Send("join", `{"room":"lobby","name":"Grace"}`)
	var r refusal
	late.Expect("error", &r)
	if r.Code != "unavailable" {
		t.Errorf("%+v", r)
	}
	late.Send("join", `{"room":"attic","name":"Grace"}`)
	var in joined
	late.Expect("joined", &in)
}
