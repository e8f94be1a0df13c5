package topic_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/livetopics/live/internal/topic"
)

// mustWildcard is the wildcard that s spells.
func mustWildcard(t testing.TB, s string) topic.Wildcard {
	t.Helper()
	w, err := topic.ParseWildcard(s)
	if err != nil {
		t.Fatalf("wildcard %q: %v", s, err)
	}
	return w
}

func TestIsWildcardSeesASegmentOfStars(t *testing.T) {
	for s, want := range map[string]bool{
		"*": true, "**": true, "a:*": true, "*:a": true, "a:*:b": true, "a:**": true, "**:a": true, "a::*": true,
		"": false, "a": false, "a:b": false, "a*": false, "*a:b": false, "***": false, "a:b*:c": false, "{a}": false,
	} {
		if got := topic.IsWildcard(s); got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}

func TestParseWildcardTakesWildcards(t *testing.T) {
	for _, s := range []string{
		"*", "**", "orders:*", "orders:**", "*:a", "a:*:b", "*:*", "*:**", "a:*:b:**", "$sys:*", "räume:*",
		strings.Repeat("a", 253) + ":*", strings.Repeat("*:", 127) + "*",
	} {
		w, err := topic.ParseWildcard(s)
		if err != nil {
			t.Errorf("%q: %v", s, err)
		} else if w.String() != s {
			t.Errorf("%q: String is %q", s, w)
		}
	}
}

func TestParseWildcardSaysWhichRuleIsBrokenAndWhere(t *testing.T) {
	for _, c := range []struct {
		wildcard, text string
		offset         int
	}{
		{"", "wildcard is empty", -1},
		{strings.Repeat("a", 254) + ":*", "wildcard is longer than 255 bytes", -1},
		{"a", "wildcard has no segment that is * or **", -1},
		{"a:b", "wildcard has no segment that is * or **", -1},
		{":*", "wildcard has an empty segment at byte 0", 0},
		{"*:", "wildcard has an empty segment at byte 2", 2},
		{"a::*", "wildcard has an empty segment at byte 2", 2},
		{"* ", "wildcard has a * in a segment that is neither * nor ** at byte 0", 0},
		{"a:b*", "wildcard has a * in a segment that is neither * nor ** at byte 3", 3},
		{"a:***", "wildcard has a * in a segment that is neither * nor ** at byte 2", 2},
		{"*:{a}", "wildcard has a { or }, which only patterns have, at byte 2", 2},
		{"*:a}", "wildcard has a { or }, which only patterns have, at byte 3", 3},
		{"**:a", "wildcard has a segment after **, which takes the rest, at byte 3", 3},
		{"a:**:**", "wildcard has a segment after **, which takes the rest, at byte 5", 5},
		{"*:a b", "wildcard has white space at byte 3", 3},
		{"*:\x00", "wildcard has a control character at byte 2", 2},
		{"*:\xff", "wildcard is not valid UTF-8 at byte 2", 2},
	} {
		t.Run(c.wildcard, func(t *testing.T) {
			w, err := topic.ParseWildcard(c.wildcard)
			var e *topic.Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v, want one of type *topic.Error", err)
			}
			if e.Error() != c.text || e.Offset != c.offset {
				t.Errorf("error %q at %d\nwant  %q at %d", e, e.Offset, c.text, c.offset)
			}
			if w != (topic.Wildcard{}) {
				t.Errorf("a wildcard beside the error: %q", w)
			}
		})
	}
}

func TestWildcardMatches(t *testing.T) {
	for _, c := range []struct {
		wildcard, name string
		want           bool
	}{
		{"orders:*", "orders:1", true},
		{"orders:*", "orders", false},
		{"orders:*", "orders:1:2", false},
		{"orders:**", "orders", false},
		{"orders:**", "orders:1", true},
		{"orders:**", "orders:1:2:3", true},
		{"*", "a", true},
		{"*", "a:b", false},
		{"**", "a:b", true},
		{"a:*:c", "a:b:c", true},
		{"a:*:c", "a:b:d", false},
		{"*", "$sys", false},
		{"**", "$sys:nodes", false},
		{"*:nodes", "$sys:nodes", false},
		{"$sys:*", "$sys:nodes", true},
		{"a:*", "a:$b", true},
	} {
		if got := mustWildcard(t, c.wildcard).Match(c.name); got != c.want {
			t.Errorf("%q and %q: %v, want %v", c.wildcard, c.name, got, c.want)
		}
	}
}

func TestTheZeroWildcardIsNothing(t *testing.T) {
	var w topic.Wildcard
	if w.String() != "" || w.Match("") || w.Match("a") {
		t.Error("it spells or matches something")
	}
}

func TestParsingAndMatchingAWildcardAllocateNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() {
		w, err := topic.ParseWildcard("orders:*:**")
		if err != nil || !topic.IsWildcard(w.String()) || !w.Match("orders:1:2:3") {
			t.Fatal("no match")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
