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

// join opens a session under this name and has it join the room.
func join(t *testing.T, url, name, room string) *wstest.Conn {
	t.Helper()
	c := wstest.Dial(t, url+"/ws?name="+name)
	c.Send("join", `{"room":"`+room+`"}`)
	c.Expect("joined", `{"room":"`+room+`"}`)
	return c
}

func TestEverybodyInARoomHearsWhatIsSaid(t *testing.T) {
	url := start(t)
	ann, bob := join(t, url, "ann", "go"), join(t, url, "bob", "go")
	ann.Send("chat:go", `{"text":"<b>hello</b>"}`)
	bob.Send("chat:go", `{"text":"good day"}`)
	// Who was first is the server's choice; that all hear the same order is its promise.
	var first, second said
	ann.Next("chat:go", &first)
	ann.Next("chat:go", &second)
	for _, want := range []said{first, second} {
		var got said
		if bob.Next("chat:go", &got); got != want {
			t.Errorf("bob heard %v where ann heard %v", got, want)
		}
	}
	if hello := (said{"ann", "<b>hello</b>"}); first != hello && second != hello {
		t.Errorf("ann heard %v and %v", first, second)
	}
}

func TestRoomsAreApart(t *testing.T) {
	url := start(t)
	ann, bob := join(t, url, "ann", "go"), join(t, url, "bob", "rust")
	ann.Send("chat:go", `{"text":"not for bob"}`)
	ann.Expect("chat:go", `{"from":"ann","text":"not for bob"}`)
	bob.Send("chat:rust", `{"text":"first that bob hears"}`)
	bob.Expect("chat:rust", `{"from":"bob","text":"first that bob hears"}`)
}

func TestWhoHasLeftHearsAndSaysNothing(t *testing.T) {
	url := start(t)
	ann, bob := join(t, url, "ann", "go"), join(t, url, "bob", "go")
	bob.Send("leave", `{"room":"go"}`)
	bob.Expect("left", `{"room":"go"}`)
	ann.Send("chat:go", `{"text":"gone?"}`)
	ann.Expect("chat:go", `{"from":"ann","text":"gone?"}`)
	bob.Send("chat:go", `{"text":"I am still here"}`)
	bob.Expect("error", `{"code":"bad_request","message":"say a text, in a room that you have joined"}`)
	ann.Send("chat:go", `{"text":"quiet now"}`)
	ann.Expect("chat:go", `{"from":"ann","text":"quiet now"}`)
}

func TestNobodySpeaksUnderAnotherName(t *testing.T) {
	ann := join(t, start(t), "ann", "go")
	ann.Send("chat:go", `{"from":"bob","text":"I am bob"}`)
	ann.Expect("chat:go", `{"from":"ann","text":"I am bob"}`)
}

func TestRoomsHaveValidNames(t *testing.T) {
	ann := wstest.Dial(t, start(t)+"/ws?name=ann")
	for _, data := range []string{`{"room":""}`, `{"room":"two words"}`, `{"room":"*"}`, `[]`, `null`} {
		ann.Send("join", data)
		var refusal struct{ Code string }
		if ann.Next("error", &refusal); refusal.Code != "bad_request" {
			t.Errorf("joining %s was answered with %v", data, refusal)
		}
	}
}

func TestNameIsAskedFor(t *testing.T) {
	if status := wstest.Status(t, start(t)+"/ws"); status != http.StatusUnauthorized {
		t.Errorf("without a name the handshake is answered with %d, not 401", status)
	}
}

func TestChatLeavesCleanly(t *testing.T) { wstest.LeavesCleanly(t, "/ws?name=ann", serve) }
