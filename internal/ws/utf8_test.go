package ws_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/livetopics/live/internal/ws"
)

// firstBad is the index of the first byte of b after which nothing can make it
// valid UTF-8, or -1.
func firstBad(b []byte) int {
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			for end := i + 1; end <= len(b); end++ {
				if utf8.FullRune(b[i:end]) {
					return end - 1
				}
			}
			return -1
		}
		i += size
	}
	return -1
}

// checkBoth compares the checker with unicode/utf8, with b cut at every place.
func checkBoth(t *testing.T, b []byte) {
	t.Helper()
	want := firstBad(b)
	for cut := range len(b) + 1 {
		var c ws.UTF8Checker
		got := c.Check(b[:cut])
		if got < 0 {
			if got = c.Check(b[cut:]); got >= 0 {
				got += cut
			}
		}
		if got != want {
			t.Fatalf("%q cut at %d: first impossible byte at %d, want %d", b, cut, got, want)
		}
		if valid := got < 0 && c.Complete(); valid != utf8.Valid(b) {
			t.Fatalf("%q cut at %d: valid = %v, want %v", b, cut, valid, utf8.Valid(b))
		}
	}
}

func TestUTF8AcceptsWhatRFC3629Defines(t *testing.T) {
	for _, s := range []string{
		"", "a", "plain ASCII that is longer than eight bytes and than thirty-two",
		"\x00", "\x7f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\uffff",
		"\U00010000", "\U0010ffff", "κόσμε", "Hello-µ@ßöäüàá-UTF-8!!", "日本語", "😀😀",
	} {
		if !utf8.ValidString(s) {
			t.Fatalf("%q is no example of valid text", s)
		}
		checkBoth(t, []byte(s))
	}
}

func TestUTF8ReportsTheFirstImpossibleByte(t *testing.T) {
	for _, c := range []struct {
		name, s string
		at      int
	}{
		{"a continuation byte alone", "a\x80", 1},
		{"the last continuation byte alone", "\xbf", 0},
		{"a lead byte without continuation", "\xc3a", 1},
		{"an overlong slash of 2 bytes", "\xc0\xaf", 0},
		{"the greatest overlong of 2 bytes", "\xc1\xbf", 0},
		{"an overlong of 3 bytes", "\xe0\x9f\xbf", 1},
		{"an overlong of 4 bytes", "\xf0\x8f\xbf\xbf", 1},
		{"the first surrogate", "\xed\xa0\x80", 1},
		{"the last surrogate", "\xed\xbf\xbf", 1},
		{"a pair of surrogates", "\xed\xa0\x80\xed\xb0\x80", 1},
		{"beyond U+10FFFF", "\xf4\x90\x80\x80", 1},
		{"a lead byte beyond U+13FFFF", "\xf5\x80\x80\x80", 0},
		{"a sequence of 5 bytes", "\xf8\x88\x80\x80\x80", 0},
		{"a sequence of 6 bytes", "\xfc\x84\x80\x80\x80\x80", 0},
		{"0xFE", "\xfe", 0},
		{"0xFF", "ok\xff", 2},
		{"3 bytes that stop after 2", "\xe2\x82a", 2},
		{"4 bytes that stop after 3", "\xf0\x9f\x98a", 3},
		{"after text of many bytes", strings.Repeat("x", 70) + "é" + strings.Repeat("y", 9) + "\xff", 81},
	} {
		t.Run(c.name, func(t *testing.T) {
			var u ws.UTF8Checker
			if at := u.Check([]byte(c.s)); at != c.at {
				t.Errorf("%q: reported at %d, want %d", c.s, at, c.at)
			}
			checkBoth(t, []byte(c.s))
		})
	}
}

func TestUTF8IsIncompleteInTheMiddleOfACharacter(t *testing.T) {
	for _, s := range []string{"\xc3", "\xe2", "\xe2\x82", "\xf0", "\xf0\x9f", "\xf0\x9f\x98", "text \xe2\x82"} {
		var u ws.UTF8Checker
		if at := u.Check([]byte(s)); at >= 0 || u.Complete() {
			t.Errorf("%q: reported at %d, complete %v; want neither", s, at, u.Complete())
		}
	}
}

func TestUTF8AgreesWithTheStandardLibraryOnAllSequencesOfThreeBytes(t *testing.T) {
	// Every third byte at the edges of a range, every first and second byte.
	for b0 := range 256 {
		for b1 := range 256 {
			for _, b2 := range []byte{0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff} {
				b := []byte{byte(b0), byte(b1), b2}
				var u ws.UTF8Checker
				got := u.Check(b)
				if want := firstBad(b); got != want {
					t.Fatalf("%x: reported at %d, want %d", b, got, want)
				}
			}
		}
	}
}

func FuzzUTF8(f *testing.F) {
	for _, s := range []string{"", "a", "κόσμε", "\xed\xa0\x80", "\xf4\x90", "\xf0\x9f\x98", strings.Repeat("a", 40) + "\xc3\xa9b"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		checkBoth(t, b[:min(len(b), 200)])
	})
}
