package topic_test

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/livetopics/live/internal/topic"
)

func TestValidTakesTopics(t *testing.T) {
	for _, name := range []string{
		"a", "chat", "chat:room1", "chat:room:42", "a:b:c:d:e:f:g",
		"1", "-", "_", "a.b/c", "user@example.com", `quote":back\slash`, "<b>", "?x=1&y=2", "#", "~", "a$",
		"räume:größe", "日本:東京", "чат", "😀", "👩\u200d💻", "zero\u200bwidth", "e\u0301",
		"\ufffd", "\uffff", "\U0010ffff",
		"$sys", "$sys:nodes", "$",
		strings.Repeat("a", 255), strings.Repeat("é", 127) + "a", strings.Repeat("a:", 127) + "a",
	} {
		if err := topic.Valid(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestValidSaysWhichRuleIsBrokenAndWhere(t *testing.T) {
	for _, c := range []struct {
		name, text string
		offset     int
	}{
		{"", "topic is empty", -1},
		{strings.Repeat("a", 256), "topic is longer than 255 bytes", -1},
		{strings.Repeat("é", 128), "topic is longer than 255 bytes", -1},
		{":", "topic has an empty segment at byte 0", 0},
		{":a", "topic has an empty segment at byte 0", 0},
		{"a:", "topic has an empty segment at byte 2", 2},
		{"a::b", "topic has an empty segment at byte 2", 2},
		{"é:", "topic has an empty segment at byte 3", 3},
		{"a b", "topic has white space at byte 1", 1},
		{" a", "topic has white space at byte 0", 0},
		{"a\u00a0b", "topic has white space at byte 1", 1},
		{"a\u2003", "topic has white space at byte 1", 1},
		{"a\u2028", "topic has white space at byte 1", 1},
		{"a:\u3000", "topic has white space at byte 2", 2},
		{"a\tb", "topic has a control character at byte 1", 1},
		{"a\n", "topic has a control character at byte 1", 1},
		{"\x00", "topic has a control character at byte 0", 0},
		{"a\x7f", "topic has a control character at byte 1", 1},
		{"a\u0080", "topic has a control character at byte 1", 1},
		{"a\u0085", "topic has a control character at byte 1", 1},
		{"a\u009f", "topic has a control character at byte 1", 1},
		{"chat:*", "topic has a *, { or }, which only patterns have, at byte 5", 5},
		{"chat:{room}", "topic has a *, { or }, which only patterns have, at byte 5", 5},
		{"room}", "topic has a *, { or }, which only patterns have, at byte 4", 4},
		{"a\xff", "topic is not valid UTF-8 at byte 1", 1},
		{"\xc0\xaf", "topic is not valid UTF-8 at byte 0", 0},
		{"a\xed\xa0\x80", "topic is not valid UTF-8 at byte 1", 1},
		{"日\xe6\x97", "topic is not valid UTF-8 at byte 3", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := topic.Valid(c.name)
			var e *topic.Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v, want one of type *topic.Error", err)
			}
			if e.Error() != c.text || e.Offset != c.offset {
				t.Errorf("error %q at %d\nwant  %q at %d", e, e.Offset, c.text, c.offset)
			}
		})
	}
}

func TestValidDecidesEveryCharacter(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if 0xd800 <= r && r < 0xe000 {
			continue // surrogates are no characters
		}
		want := !unicode.IsControl(r) && !unicode.IsSpace(r) && !strings.ContainsRune("*{}:", r)
		if got := topic.Valid(string(r)) == nil; got != want {
			t.Errorf("taken is %v, want %v: %U", got, want, r)
		}
	}
}

func TestReservedIsWhatBeginsWithADollar(t *testing.T) {
	for name, want := range map[string]bool{
		"": false, "a": false, "a$": false, "a:$b": false, "$": true, "$sys": true, "$sys:nodes": true,
	} {
		if got := topic.Reserved(name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}

func TestValidAllocatesNothing(t *testing.T) {
	for _, name := range []string{"chat:room:42", "räume:größe:日本:😀"} {
		if n := testing.AllocsPerRun(100, func() {
			if err := topic.Valid(name); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%q: %v allocations", name, n)
		}
	}
}
