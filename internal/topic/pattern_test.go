package topic_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/livetopics/live/internal/topic"
)

// mustPattern is the pattern that s spells.
func mustPattern(t testing.TB, s string) topic.Pattern {
	t.Helper()
	p, err := topic.ParsePattern(s)
	if err != nil {
		t.Fatalf("pattern %q: %v", s, err)
	}
	return p
}

func TestParsePatternTakesPatterns(t *testing.T) {
	for _, s := range []string{
		"news", "chat:{room}", "files:{owner}:{path...}", "{all...}", "{a}", "{a}:{b}", "{_}:{A1}:{_9}", "räume:{größe}",
		"a:$b:{c}", "{x}:$", "日本:{r...}",
		strings.Repeat("a", 255), strings.Repeat("a", 253) + ":{room}", "{" + strings.Repeat("a", 300) + "}",
	} {
		p, err := topic.ParsePattern(s)
		if err != nil {
			t.Errorf("%q: %v", s, err)
		} else if p.String() != s {
			t.Errorf("%q: String is %q", s, p)
		}
	}
}

func TestParsePatternSaysWhichRuleIsBrokenAndWhere(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		offset        int
	}{
		{"", "pattern is empty", -1},
		{"$sys", "pattern begins with $, as only the server's own topics do, at byte 0", 0},
		{"$sys:{x}", "pattern begins with $, as only the server's own topics do, at byte 0", 0},
		{":", "pattern has an empty segment at byte 0", 0},
		{"a::b", "pattern has an empty segment at byte 2", 2},
		{"a:", "pattern has an empty segment at byte 2", 2},
		{"{a}:", "pattern has an empty segment at byte 4", 4},
		{"a:b c", "pattern has white space at byte 3", 3},
		{"a:\u0085", "pattern has a control character at byte 2", 2},
		{"é:\xff", "pattern is not valid UTF-8 at byte 3", 3},
		{"orders:*", "pattern has a *, which only wildcards have, at byte 7", 7},
		{"orders:**", "pattern has a *, which only wildcards have, at byte 7", 7},
		{"a*b", "pattern has a *, which only wildcards have, at byte 1", 1},
		{"chat:{a}{b}", "pattern has a parameter that is not a whole segment at byte 8", 8},
		{"chat:{a...}{b}", "pattern has a parameter that is not a whole segment at byte 11", 11},
		{"x{a}", "pattern has a parameter that is not a whole segment at byte 1", 1},
		{"{a}x", "pattern has a parameter that is not a whole segment at byte 3", 3},
		{"{a}}", "pattern has a parameter that is not a whole segment at byte 3", 3},
		{"chat:{a", "pattern has a { without its } in the same segment at byte 5", 5},
		{"{a:b}", "pattern has a { without its } in the same segment at byte 0", 0},
		{"chat:a}", "pattern has a } without its { at byte 6", 6},
		{"chat:{}", "pattern has a parameter without a name at byte 6", 6},
		{"chat:{...}", "pattern has a parameter without a name at byte 6", 6},
		{"chat:{1a}", "pattern has a parameter whose name begins with a digit at byte 6", 6},
		{"chat:{a-b}", "pattern has a parameter whose name is not of letters, digits and _ at byte 7", 7},
		{"chat:{a..}", "pattern has a parameter whose name is not of letters, digits and _ at byte 7", 7},
		{"chat:{a....}", "pattern has a parameter whose name is not of letters, digits and _ at byte 7", 7},
		{"{{a}}", "pattern has a parameter whose name is not of letters, digits and _ at byte 1", 1},
		{"{*}", "pattern has a parameter whose name is not of letters, digits and _ at byte 1", 1},
		{"{\xff}", "pattern has a parameter whose name is not of letters, digits and _ at byte 1", 1},
		{"{a...}:b", "pattern has a segment after {name...}, which takes the rest, at byte 7", 7},
		{"{a...}:", "pattern has a segment after {name...}, which takes the rest, at byte 7", 7},
		{"{a}:b:{a}", "pattern has two parameters of the same name at byte 7", 7},
		{"{a}:{a...}", "pattern has two parameters of the same name at byte 5", 5},
		{strings.Repeat("a", 256), "pattern matches only topics longer than 255 bytes", -1},
		{strings.Repeat("a", 254) + ":{a}", "pattern matches only topics longer than 255 bytes", -1},
	} {
		t.Run(c.pattern, func(t *testing.T) {
			p, err := topic.ParsePattern(c.pattern)
			var e *topic.Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v, want one of type *topic.Error", err)
			}
			if e.Error() != c.text || e.Offset != c.offset {
				t.Errorf("error %q at %d\nwant  %q at %d", e, e.Offset, c.text, c.offset)
			}
			if p != (topic.Pattern{}) {
				t.Errorf("a pattern beside the error: %q", p)
			}
		})
	}
}

func TestPatternMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"news", "news", true},
		{"news", "News", false},
		{"news", "news:local", false},
		{"news:local", "news", false},
		{"chat:{room}", "chat:1", true},
		{"chat:{room}", "chat", false},
		{"chat:{room}", "chat:1:2", false},
		{"chat:{room}", "chats:1", false},
		{"{team}:log", "red:log", true},
		{"{team}:log", "red:logs", false},
		{"files:{path...}", "files", false},
		{"files:{path...}", "files:a", true},
		{"files:{path...}", "files:a:b:c", true},
		{"files:{owner}:{path...}", "files:a", false},
		{"files:{owner}:{path...}", "files:a:b", true},
		{"{all...}", "a:b", true},
		{"{all...}", "$sys", false},
		{"{a}:{b}", "$sys:nodes", false},
		{"a:{b}", "a:$b", true},
	} {
		if got := mustPattern(t, c.pattern).Match(c.name); got != c.want {
			t.Errorf("%q and %q: %v, want %v", c.pattern, c.name, got, c.want)
		}
	}
}

func TestPatternMatchesWhatItsRegularExpressionDoes(t *testing.T) {
	names := sequences(4, "a", "b", "$")
	for _, text := range patterns(3, "a", "b") {
		p, m := mustPattern(t, text), newModel(text)
		for _, name := range names {
			if got, want := p.Match(name), m.matches(name); got != want {
				t.Errorf("%q and %q: %v, want %v", text, name, got, want)
			}
		}
	}
}

func TestParamIsThePartOfTheTopic(t *testing.T) {
	for _, c := range []struct{ pattern, name, param, want string }{
		{"chat:{room}", "chat:42", "room", "42"},
		{"chat:{room}", "chat:42", "Room", ""},
		{"chat:{room}", "chat:42", "chat", ""},
		{"chat:{room}", "chat:42", "", ""},
		{"chat:{room}", "chat:42", "room...", ""},
		{"{a}:{b}:{c}", "1:2:3", "a", "1"},
		{"{a}:{b}:{c}", "1:2:3", "b", "2"},
		{"{a}:{b}:{c}", "1:2:3", "c", "3"},
		{"files:{owner}:{path...}", "files:ann:x:y:z", "owner", "ann"},
		{"files:{owner}:{path...}", "files:ann:x:y:z", "path", "x:y:z"},
		{"files:{owner}:{path...}", "files:ann:x", "path", "x"},
		{"räume:{größe}", "räume:日本", "größe", "日本"},
		{"news", "news", "news", ""},
	} {
		if got := mustPattern(t, c.pattern).Param(c.name, c.param); got != c.want {
			t.Errorf("{%s} of %q in %q: %q, want %q", c.param, c.pattern, c.name, got, c.want)
		}
	}
}

func TestTheZeroPatternIsNothing(t *testing.T) {
	var p topic.Pattern
	if p.String() != "" || p.Match("") || p.Match("a") || p.Param("a", "a") != "" || p.Param("", "") != "" {
		t.Error("it spells, matches or holds something")
	}
}

func TestMatchAndParamAllocateNothing(t *testing.T) {
	p := mustPattern(t, "files:{owner}:{path...}")
	if n := testing.AllocsPerRun(100, func() {
		if !p.Match("files:ann:x:y") || p.Param("files:ann:x:y", "path") != "x:y" {
			t.Fatal("no match")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
