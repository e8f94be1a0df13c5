package main

import (
	"net/http"
	"testing"

	"github.com/livetopics/live/examples/internal/wstest"
)

func start(t *testing.T) string {
	handler, server := newHandler()
	return wstest.Serve(t, handler, server.Shutdown)
}

// join opens a session of this user and has it join the room "go". A user's first session sees its own arrival.
func join(t *testing.T, url, user string, first bool, members string) *wstest.Conn {
	t.Helper()
	c := wstest.Dial(t, url+"/ws?name="+user)
	c.Send("join", `{"room":"go"}`)
	if first {
		sees(c, "join", user)
	}
	c.Expect("members", `{"room":"go","members":`+members+`}`)
	return c
}

// sees expects an event in the room "go".
func sees(c *wstest.Conn, event, user string) {
	c.Expect("room:go", `{"event":"`+event+`","user":"`+user+`"}`)
}

func TestNewcomerSeesWhoIsThereAndIsSeen(t *testing.T) {
	url := start(t)
	ann := join(t, url, "ann", true, `["ann"]`)
	bob := join(t, url, "bob", true, `["ann","bob"]`)
	sees(ann, "join", "bob")
	bob.Send("leave", `{"room":"go"}`)
	sees(ann, "leave", "bob")
	sees(bob, "leave", "bob")
}

func TestEveryEndOfASessionIsALeave(t *testing.T) {
	for name, end := range map[string]func(*wstest.Conn){"closed": (*wstest.Conn).Close, "cut": (*wstest.Conn).Cut} {
		t.Run(name, func(t *testing.T) {
			url := start(t)
			ann := join(t, url, "ann", true, `["ann"]`)
			end(join(t, url, "bob", true, `["ann","bob"]`))
			sees(ann, "join", "bob")
			sees(ann, "leave", "bob")
			join(t, url, "cid", true, `["ann","cid"]`)
		})
	}
}

func TestUserWithTwoSessionsIsOneMember(t *testing.T) {
	url := start(t)
	ann := join(t, url, "ann", true, `["ann"]`)
	phone := join(t, url, "bob", true, `["ann","bob"]`)
	laptop := join(t, url, "bob", false, `["ann","bob"]`)
	phone.Close()
	sees(ann, "join", "bob")
	join(t, url, "cid", true, `["ann","bob","cid"]`) // bob is still there, and nobody was told otherwise
	sees(ann, "join", "cid")
	laptop.Close()
	sees(ann, "leave", "bob")
}

func TestJoiningTwiceCountsOnce(t *testing.T) {
	url := start(t)
	ann := join(t, url, "ann", true, `["ann"]`)
	bob := join(t, url, "bob", true, `["ann","bob"]`)
	bob.Send("join", `{"room":"go"}`)
	bob.Send("leave", `{"room":"go"}`)
	bob.Send("leave", `{"room":"go"}`)
	sees(ann, "join", "bob")
	sees(ann, "leave", "bob")
	join(t, url, "cid", true, `["ann","cid"]`)
	sees(ann, "join", "cid") // and not a second leave of bob
}

func TestNothingIsKeptOfAnEmptyRoom(t *testing.T) {
	p := newRoster()
	handler, server := p.handler()
	url := wstest.Serve(t, handler, server.Shutdown)
	bob := join(t, url, "bob", true, `["bob"]`)
	bob.Send("leave", `{"room":"go"}`)
	sees(bob, "leave", "bob")
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.rooms) > 0 {
		t.Errorf("left behind: %v", p.rooms)
	}
}

func TestRoomAndNameAreChecked(t *testing.T) {
	url := start(t)
	if status := wstest.Status(t, url+"/ws"); status != http.StatusUnauthorized {
		t.Errorf("without a name the handshake is answered with %d, not 401", status)
	}
	c := wstest.Dial(t, url+"/ws?name=ann")
	var refusal struct{ Code string }
	c.Send("join", `{"room":"two words"}`)
	if c.Next("error", &refusal); refusal.Code != "bad_request" {
		t.Errorf("a bad name for a room is answered with %v", refusal)
	}
	c.Send("join", `{"room":"go"}`)
	sees(c, "join", "ann") // it has done no harm
}

func TestPresenceLeavesCleanly(t *testing.T) { wstest.LeavesCleanly(t, "/ws?name=ann", serve) }
