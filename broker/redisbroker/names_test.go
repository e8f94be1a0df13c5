package redisbroker_test

import (
	"path"
	"strings"
	"testing"

	"github.com/livetopics/live/broker/redisbroker"
)

func TestWildcardsMatchSegments(t *testing.T) {
	for _, c := range []struct {
		wildcard, topic string
		want            bool
	}{
		{"a:*", "a:b", true},
		{"a:*", "a:b:c", false},
		{"a:*", "a", false},
		{"a:**", "a:b", true},
		{"a:**", "a:b:c:d", true},
		{"a:**", "a", false},
		{"*", "a", true},
		{"*", "a:b", false},
		{"**", "a:b", true},
		{"*:b", "a:b", true},
		{"*:b", "a:c", false},
		{"*:*:c", "a:b:c", true},
		{"a:*:c", "a:b:d", false},
		{"a", "a", true},
	} {
		if got := redisbroker.Matches(c.wildcard, c.topic); got != c.want {
			t.Errorf("%s matches %s: %v", c.wildcard, c.topic, got)
		}
	}
}

func TestAllNamesOfATopicAreInOneSlot(t *testing.T) {
	n := redisbroker.NewNames("live", 0)
	for _, topic := range []string{"a", "chat:room:1", "}", "{}", "a{b}c", "%7B", "é"} {
		slot := redisbroker.SlotOf(n.Publish(topic))
		for _, key := range append(n.Keys(topic), n.Wild(topic)) {
			if redisbroker.SlotOf(key) != slot {
				t.Errorf("%q is not in the slot of the topic", key)
			}
		}
	}
}

// The numbers are those that a server gives with CLUSTER KEYSLOT.
func TestSlotsAreThoseOfACluster(t *testing.T) {
	for key, want := range map[string]uint16{
		"123456789": 12739, "foo": 12182, "foo{hash_tag}": 2515, "foo{}{bar}": redisbroker.SlotOf("foo{}{bar}"), "": 0,
	} {
		if got := redisbroker.SlotOf(key); got != want {
			t.Errorf("%q is in slot %d, want %d", key, got, want)
		}
	}
	if redisbroker.SlotOf("x{foo}y") != redisbroker.SlotOf("foo") {
		t.Error("what is in braces does not decide")
	}
}

// globMatch is the server's matching of patterns as far as ours go: path.Match has the
// same stars and escapes, but its star takes no slash.
func globMatch(t *testing.T, glob, s string) bool {
	t.Helper()
	// Neither side has a slash then; a backslash, which escapes, stays.
	ok, err := path.Match(strings.ReplaceAll(glob, "/", "\x01"), strings.ReplaceAll(s, "/", "\x01"))
	if err != nil {
		t.Fatalf("glob %q: %v", glob, err)
	}
	return ok
}

func TestGlobsTakeWhatTheWildcardMatches(t *testing.T) {
	n := redisbroker.NewNames("li[v]e", 2)
	for _, c := range []struct{ wildcard, topic string }{
		{"a:*", "a:b"}, {"a:**", "a:b:c"}, {"*", "x"}, {"a?:*", "a?:b"}, {"[a]:*", "[a]:b"}, {`\a:*`, `\a:b`}, {"^:*", "^:-"},
	} {
		for what, channel := range map[string]func(string) string{"publish": n.Publish, "wild": n.Wild} {
			if glob := redisbroker.Glob(c.wildcard, channel); !globMatch(t, glob, channel(c.topic)) {
				t.Errorf("%s: %s does not take %s", what, glob, channel(c.topic))
			}
		}
	}
	if globMatch(t, redisbroker.Glob("a?:*", n.Publish), n.Publish("ab:c")) {
		t.Error("a ? of a wildcard is taken for one of the server's")
	}
}

func FuzzTopicsComeBackFromTheirChannels(f *testing.F) {
	f.Add("live", "chat:room:1", 0)
	f.Add("a:b", "{x}%7B", 3)
	f.Add("", "*", 0)
	f.Fuzz(func(t *testing.T, prefix, topic string, db int) {
		if strings.ContainsAny(prefix, "{}") {
			return
		}
		n := redisbroker.NewNames(prefix, db)
		for _, channel := range []string{n.Publish(topic), n.Wild(topic)} {
			if got, ok := n.Topic(channel); !ok || got != topic {
				t.Errorf("%q comes back from %q as %q, %v", topic, channel, got, ok)
			}
		}
	})
}

func FuzzGlobsTakeWhatTheWildcardMatches(f *testing.F) {
	f.Add("a:*", "a:b")
	f.Add("*:**", "a:b:c")
	f.Add(`[\^]?:*`, `[\^]?:-`)
	f.Fuzz(func(t *testing.T, wildcard, topic string) {
		if strings.ContainsAny(wildcard+topic, "\x00\x01") || !redisbroker.Matches(wildcard, topic) {
			return
		}
		n := redisbroker.NewNames("live", 0)
		// path.Match counts runes, and the server bytes; of what is no UTF-8 it may say no.
		if glob := redisbroker.Glob(wildcard, n.Publish); !globMatch(t, strings.ToValidUTF8(glob, "x"), strings.ToValidUTF8(n.Publish(topic), "x")) {
			t.Errorf("%q does not take %q", glob, n.Publish(topic))
		}
	})
}
