package natsbroker_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/livetopics/live/broker/natsbroker"
)

func TestNamesAreMappedToSubjects(t *testing.T) {
	for name, want := range map[string]string{
		"a":                    "a",
		"a:b":                  "a.b",
		"$presence:chat:lobby": "$presence.chat.lobby",
		"v1.2:x":               "v1%2E2.x",
		"a*b:>":                "a%2Ab.%3E",
		"50%:a":                "50%25.a",
		"grüße:日本":             "grüße.日本",
		"a b":                  "a%20b",
	} {
		if got := natsbroker.Subject(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	for pattern, want := range map[string]string{
		"orders:*":   "orders.*",
		"orders:**":  "orders.>",
		"*":          "*",
		"**":         ">",
		"a:*:c.d":    "a.*.c%2Ed",
		"$node:a:**": "$node.a.>",
	} {
		if got := natsbroker.Pattern(pattern); got != want {
			t.Errorf("%s is %s, want %s", pattern, got, want)
		}
	}
}

func TestStreamsOfDifferentNamesDiffer(t *testing.T) {
	seen := make(map[string]string)
	for _, name := range []string{"", "a", "A", "a:b", "a.b", "a_b", "a:{b}", "a:{c}", strings.Repeat("x", 255), strings.Repeat("x", 254), "ü", "u"} {
		s := natsbroker.Stream("live", name)
		if other, ok := seen[s]; ok {
			t.Errorf("%q and %q have the stream %s", name, other, s)
		}
		seen[s] = name
		if len(s) > 100 || strings.ContainsAny(s, ".*> /\\") {
			t.Errorf("%q has the stream %s, which cannot be", name, s)
		}
	}
}

// FuzzSubject checks that each name has a subject of its own, and one that NATS takes.
func FuzzSubject(f *testing.F) {
	for _, name := range []string{"a", "a:b", "$control", "a.b:c*d:>", "50%", "%2E", "grüße", "a\x00b", "\xff", "a:b:c:d"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		legal := name != "" && !strings.HasPrefix(name, ":") && !strings.HasSuffix(name, ":") && !strings.Contains(name, "::")
		if !legal || len(name) > 255 {
			return
		}
		subject := natsbroker.Subject(name)
		back, ok := natsbroker.Topic(subject)
		if !ok || back != name {
			t.Fatalf("%q is %q, which is %q", name, subject, back)
		}
		for token := range strings.SplitSeq(subject, ".") {
			if token == "" || strings.ContainsAny(token, "*> \t\r\n\x00\x7f") {
				t.Fatalf("%q has the token %q", name, token)
			}
		}
		if !utf8.ValidString(subject) || strings.Count(subject, ".") != strings.Count(name, ":") {
			t.Fatalf("%q is %q", name, subject)
		}
	})
}

// FuzzTopic checks that what comes from NATS is either a topic or refused.
func FuzzTopic(f *testing.F) {
	for _, tokens := range []string{"a", "a.b", "a%2Eb", "%", "%2", "%zz", "%E", "a%00", ""} {
		f.Add(tokens)
	}
	f.Fuzz(func(t *testing.T, tokens string) {
		name, ok := natsbroker.Topic(tokens)
		if !ok {
			return
		}
		if again, ok := natsbroker.Topic(natsbroker.Subject(name)); !ok || again != name {
			t.Fatalf("%q is %q, and then %q", tokens, name, again)
		}
	})
}
