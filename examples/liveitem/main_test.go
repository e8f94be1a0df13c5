package main

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/livetopics/live/examples/internal/wstest"
)

func start(t *testing.T) string {
	handler, server := newHandler()
	return wstest.Serve(t, handler, server.Shutdown)
}

// watching opens a session that watches an item, and expects the item as it is.
func watching(t *testing.T, url, id string, price, version int) *wstest.Conn {
	t.Helper()
	c := wstest.Dial(t, url+"/ws")
	c.Send("watch", `{"item":"`+id+`"}`)
	see(c, id, price, version)
	return c
}

// see expects an item in this state.
func see(c *wstest.Conn, id string, price, version int) {
	c.Expect("item:"+id, fmt.Sprintf(`{"id":%q,"price":%d,"version":%d}`, id, price, version))
}

// put asks for a new price, which must be answered with status.
func put(t *testing.T, url, id, body string, status int) {
	t.Helper()
	if got, text := wstest.Request(t, "PUT", url+"/items/"+id, body); got != status {
		t.Fatalf("%s for %q is answered with %d %q, not %d", body, id, got, text, status)
	}
}

func TestWatcherSeesTheItemAndThenEveryChange(t *testing.T) {
	url := start(t)
	c := watching(t, url, "tea", 450, 1)
	put(t, url, "tea", `{"price":495}`, http.StatusOK)
	put(t, url, "tea", `{"price":480}`, http.StatusOK)
	see(c, "tea", 495, 2)
	see(c, "tea", 480, 3)
	watching(t, url, "tea", 480, 3) // who comes later sees what is
}

func TestWatcherOfOneItemSeesNoOther(t *testing.T) {
	url := start(t)
	c := watching(t, url, "tea", 450, 1)
	put(t, url, "coffee", `{"price":400}`, http.StatusOK)
	put(t, url, "tea", `{"price":495}`, http.StatusOK)
	see(c, "tea", 495, 2)
}

func TestUnknownItemIsRefused(t *testing.T) {
	url := start(t)
	c := wstest.Dial(t, url+"/ws")
	for _, data := range []string{`{"item":"milk"}`, `{}`, `7`} {
		c.Send("watch", data)
		c.Expect("error", `{"code":"not_found","message":"watch tea or coffee"}`)
	}
	put(t, url, "milk", `{"price":1}`, http.StatusNotFound)
}

func TestPriceIsPositive(t *testing.T) {
	url := start(t)
	for _, body := range []string{`{"price":0}`, `{"price":-1}`, `{"price":"much"}`, ``} {
		put(t, url, "tea", body, http.StatusBadRequest)
	}
	watching(t, url, "tea", 450, 1)
}

func TestLiveitemLeavesCleanly(t *testing.T) { wstest.LeavesCleanly(t, "/ws", serve) }
