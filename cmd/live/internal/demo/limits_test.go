package demo

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/livetopics/live"
)

func TestNamesAreTidied(t *testing.T) {
	for given, want := range map[string]string{
		"Ada":                   "Ada",
		"  Ada \t Lovelace\n":   "Ada Lovelace",
		"Ægir ☺ 李":              "Ægir ☺ 李",
		"👩\u200d💻":              "👩\u200d💻",
		strings.Repeat("é", 32): strings.Repeat("é", 32),
	} {
		if got, err := cleanName(given); err != nil || got != want {
			t.Errorf("%q became %q, %v", given, got, err)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	for _, seed := range []string{"Ada", " a  b ", "\u202e", "👩\u200d💻", "\xff", "\u2028x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		name, err := cleanName(given)
		if err != nil {
			return
		}
		if again, err := cleanName(name); err != nil || again != name {
			t.Errorf("%q became %q, and that %q, %v", given, name, again, err)
		}
		if n := utf8.RuneCountInString(name); n == 0 || n > maxName || strings.ContainsAny(name, "\n\t\u202e\u2028") {
			t.Errorf("%q became %q", given, name)
		}
	})
}

func FuzzCheckRoom(f *testing.F) {
	for _, seed := range []string{"lobby", "a-b_c", "élan", "१२", "a b", "a:b", "*", "$x", "A", "\xff", "a\u0301"} {
		f.Add(seed)
	}
	server := live.New(live.Options{})
	f.Cleanup(func() { _ = server.Shutdown(f.Context()) })
	f.Fuzz(func(t *testing.T, room string) {
		if checkRoom(room) != nil {
			return
		}
		if err := server.Publish(chatPrefix+room, []byte("1")); err != nil {
			t.Errorf("the room %q is no topic: %v", room, err)
		}
	})
}

func FuzzCleanText(f *testing.F) {
	for _, seed := range []string{"hi", " hi\r\n", "\x00", "a\u0085b", "\xff", "\t\u200b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		text, err := cleanText(given)
		if err != nil {
			return
		}
		if again, err := cleanText(text); err != nil || again != text {
			t.Errorf("%q became %q, and that %q, %v", given, text, again, err)
		}
	})
}
