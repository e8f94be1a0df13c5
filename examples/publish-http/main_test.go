package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/livetopics/live/examples/internal/wstest"
)

func start(t *testing.T) string {
	handler, server := newHandler()
	return wstest.Serve(t, handler, server.Shutdown)
}

// follow opens a session and waits until it follows the room.
func follow(t *testing.T, url, room string) *wstest.Conn {
	t.Helper()
	c := wstest.Dial(t, url+"/ws?room="+room)
	c.Expect("following", `null`)
	return c
}

// post posts to a room, which must be answered with status.
func post(t *testing.T, url, room, body string, status int) {
	t.Helper()
	if got, text := wstest.Request(t, "POST", url+"/rooms/"+room+"/messages", body); got != status {
		t.Fatalf("%.40q to %q is answered with %d %q, not %d", body, room, got, text, status)
	}
}

func TestWhatIsPostedReachesEverybodyInTheRoom(t *testing.T) {
	url := start(t)
	ann, bob, cid := follow(t, url, "go"), follow(t, url, "go"), follow(t, url, "rust")
	post(t, url, "go", `{"text":"hello"}`, http.StatusAccepted)
	post(t, url, "rust", `{"text":"good day"}`, http.StatusAccepted)
	ann.Expect("room:go", `{"text":"hello"}`)
	bob.Expect("room:go", `{"text":"hello"}`)
	cid.Expect("room:rust", `{"text":"good day"}`) // the first that cid gets
}

func TestOnlyWhatTheProgramKnowsIsPublished(t *testing.T) {
	url := start(t)
	ann := follow(t, url, "go")
	post(t, url, "go", `{"text":"hello","admin":true}`, http.StatusAccepted)
	ann.Expect("room:go", `{"text":"hello"}`)
}

func TestBadMessagesAreRefusedAndNotPublished(t *testing.T) {
	url := start(t)
	ann := follow(t, url, "go")
	post(t, url, "go", `{"text":""}`, http.StatusBadRequest)
	post(t, url, "go", `hello`, http.StatusBadRequest)
	post(t, url, "go", `{"text":"`+strings.Repeat("x", 16<<10)+`"}`, http.StatusRequestEntityTooLarge)
	post(t, url, "two%20words", `{"text":"hello"}`, http.StatusBadRequest)
	response, err := http.Post(url+"/rooms/go/messages", "text/plain", strings.NewReader(`{"text":"from a form"}`))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("text is answered with %d, not 415", response.StatusCode)
	}
	post(t, url, "go", `{"text":"in order"}`, http.StatusAccepted)
	ann.Expect("room:go", `{"text":"in order"}`)
}

func TestRoomWithoutAValidNameCannotBeFollowed(t *testing.T) {
	url := start(t)
	wstest.Dial(t, url+"/ws?room=two%20words").ExpectClose(4503)
}

func TestPublishHTTPLeavesCleanly(t *testing.T) { wstest.LeavesCleanly(t, "/ws?room=go", serve) }
