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

func TestPrefixDecidesWhoMaySubscribe(t *testing.T) {
	ann, bob := users["token-of-ann"], users["token-of-bob"]
	for _, c := range []struct {
		topic    string
		ann, bob bool
	}{
		{"public:news", true, true},
		{"public", true, true},
		{"user:ann", true, false},
		{"user:bob", false, true},
		{"user:ann:secret", false, false},
		{"user:", false, false},
		{"team:red", true, false},
		{"team:blue", false, false},
		{"admin:log", false, true},
		{"admin", false, true},
		{"administrators:log", false, false},
		{"chat:room1", false, false},
		{"publicity", false, false},
		{"", false, false},
	} {
		if got := canSubscribe(ann, c.topic); got != c.ann {
			t.Errorf("ann on %q: %v", c.topic, got)
		}
		if got := canSubscribe(bob, c.topic); got != c.bob {
			t.Errorf("bob on %q: %v", c.topic, got)
		}
	}
}

func TestAllowedTopicIsSubscribedTo(t *testing.T) {
	url := start(t)
	ann := wstest.Dial(t, url+"/ws?token=token-of-ann")
	ann.Send("subscribe", `{"topic":"team:red"}`)
	ann.Expect("subscribed", `{"topic":"team:red"}`)
	publish(t, url, "team:red", `1`)
	ann.Expect("team:red", `1`)
}

func TestForbiddenTopicIsNotSubscribedTo(t *testing.T) {
	url := start(t)
	ann := wstest.Dial(t, url+"/ws?token=token-of-ann")
	ann.Send("subscribe", `{"topic":"admin:log"}`)
	ann.Expect("error", `{"code":"forbidden","topic":"admin:log"}`)
	ann.Send("subscribe", `{"topic":"public:news"}`)
	ann.Expect("subscribed", `{"topic":"public:news"}`)
	publish(t, url, "admin:log", `"secret"`)
	publish(t, url, "public:news", `"for all"`)
	ann.Expect("public:news", `"for all"`) // the first that ann gets
}

func TestUserIsWhoseTokenItIs(t *testing.T) {
	url := start(t)
	bob := wstest.Dial(t, url+"/ws?token=token-of-bob&user=ann")
	bob.Send("subscribe", `{"topic":"user:ann","user":"ann"}`)
	bob.Expect("error", `{"code":"forbidden","topic":"user:ann"}`)
	if status := wstest.Status(t, url+"/ws?token=guessed"); status != http.StatusUnauthorized {
		t.Errorf("with a wrong token the handshake is answered with %d, not 401", status)
	}
}

func TestOtherMessagesAreRefused(t *testing.T) {
	ann := wstest.Dial(t, start(t)+"/ws?token=token-of-ann")
	ann.Send("public:news", `{"text":"let me publish"}`)
	ann.Expect("error", `{"code":"bad_request","message":"send to subscribe"}`)
	var refusal struct{ Code string }
	ann.Send("subscribe", `{"topic":"public:two words"}`)
	if ann.Next("error", &refusal); refusal.Code != "bad_request" {
		t.Errorf("an allowed name that is no topic is answered with %v", refusal)
	}
}

func TestGuardedLeavesCleanly(t *testing.T) {
	wstest.LeavesCleanly(t, "/ws?token=token-of-ann", serve)
}

func publish(t *testing.T, url, topic, data string) {
	t.Helper()
	if status, text := wstest.Request(t, "POST", url+"/topics/"+topic, data); status != http.StatusAccepted {
		t.Fatalf("publishing to %s is answered with %d %q", topic, status, text)
	}
}
