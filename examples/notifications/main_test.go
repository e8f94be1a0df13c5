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

// open opens a session of this user and waits until it is subscribed.
func open(t *testing.T, url, user string) *wstest.Conn {
	t.Helper()
	c := wstest.Dial(t, url+"/ws?token=token-of-"+user)
	c.Expect("welcome", `{"user":"`+user+`"}`)
	return c
}

// post posts a notification, which must be answered with status.
func post(t *testing.T, url, user, body string, status int) {
	t.Helper()
	if got, text := wstest.Request(t, "POST", url+"/users/"+user+"/notifications", body); got != status {
		t.Fatalf("a notification to %q is answered with %d %q, not %d", user, got, text, status)
	}
}

func TestAllSessionsOfAUserAreNotified(t *testing.T) {
	url := start(t)
	phone, laptop := open(t, url, "ann"), open(t, url, "ann")
	post(t, url, "ann", `{"title":"Your parcel is here"}`, http.StatusAccepted)
	for _, c := range []*wstest.Conn{phone, laptop} {
		c.Expect("user:ann", `{"title":"Your parcel is here"}`)
	}
}

func TestOtherUsersAreNot(t *testing.T) {
	url := start(t)
	ann, bob := open(t, url, "ann"), open(t, url, "bob")
	post(t, url, "ann", `1`, http.StatusAccepted)
	post(t, url, "bob", `2`, http.StatusAccepted)
	ann.Expect("user:ann", `1`)
	bob.Expect("user:bob", `2`) // the first that bob gets
}

func TestUserWhoIsNotConnectedIsNoError(t *testing.T) {
	post(t, start(t), "ann", `{}`, http.StatusAccepted)
}

func TestUnknownTokenIsRefused(t *testing.T) {
	url := start(t)
	for _, query := range []string{"", "?token=", "?token=token-of-eve"} {
		if status := wstest.Status(t, url+"/ws"+query); status != http.StatusUnauthorized {
			t.Errorf("with %q the handshake is answered with %d, not 401", query, status)
		}
	}
}

func TestNotificationIsJSONOfAtMost16KiB(t *testing.T) {
	url := start(t)
	post(t, url, "ann", `hello`, http.StatusBadRequest)
	post(t, url, "ann", `"`+string(make([]byte, 16<<10))+`"`, http.StatusRequestEntityTooLarge)
	post(t, url, "a*b", `{}`, http.StatusBadRequest)
}

func TestNotificationsLeavesCleanly(t *testing.T) {
	wstest.LeavesCleanly(t, "/ws?token=token-of-ann", serve)
}
