package host

import (
	"net"
	"strings"
	"testing"
)

func TestServerAnnouncesItselfAndCollectsWhenAsked(t *testing.T) {
	var out strings.Builder
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4242}
	obey(strings.NewReader("collect\nnonsense\ncollect\n"), &out, addr, Founding)
	if want := "listening 127.0.0.1:4242 founding\ncollected\ncollected\n"; out.String() != want {
		t.Errorf("said %q, not %q", out.String(), want)
	}
}

func TestActTellsSubscriptionsFromPublications(t *testing.T) {
	for _, c := range []struct{ message, want string }{
		{`{"topic":"subscribe","data":{"topic":"room"}}`, "subscribe room"},
		{`{"topic":"room","data":{"a":1}}`, "publish room"},
		{`{"topic":"subscribe","data":7}`, "refused"},
		{`nonsense`, "refused"},
	} {
		got := "refused"
		err := Act([]byte(c.message),
			func(topic string) { got = "subscribe " + topic },
			func(topic string) { got = "publish " + topic })
		if got != c.want || (err != nil) != (c.want == "refused") {
			t.Errorf("%s: %s, error %v; want %s", c.message, got, err, c.want)
		}
	}
}

func TestRoomsKeepNobodyWhoLeft(t *testing.T) {
	var rooms Rooms[int]
	rooms.Join("a", 1)
	rooms.Join("a", 2)
	rooms.Join("b", 1)
	rooms.Leave(1)
	members := 0
	for _, topic := range []string{"a", "b"} {
		rooms.Each(topic, func(c int) { members += c })
	}
	if members != 2 || len(rooms.rooms) != 1 {
		t.Errorf("members add up to %d in %d rooms, not to 2 in one", members, len(rooms.rooms))
	}
}
