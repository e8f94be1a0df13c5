package topic_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/livetopics/live/internal/topic"
)

// isTopic is the package's rules once more, one after the other.
func isTopic(name string) bool {
	if name == "" || len(name) > topic.MaxLen || !utf8.ValidString(name) || strings.ContainsAny(name, "*{}") {
		return false
	}
	for segment := range strings.SplitSeq(name, ":") {
		if segment == "" || strings.ContainsFunc(segment, unicode.IsSpace) || strings.ContainsFunc(segment, unicode.IsControl) {
			return false
		}
	}
	return true
}

func FuzzValidFollowsTheRules(f *testing.F) {
	for _, name := range []string{"", "chat:room:42", "a::b", ":", "a b", "räume\u0085", "chat:{room}", "*", "$sys", "\xff"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		err := topic.Valid(name)
		if want := isTopic(name); (err == nil) != want {
			t.Fatalf("%q: %v; taken should be %v", name, err, want)
		}
		if err == nil {
			return
		}
		if e := err.(*topic.Error); e.Offset < -1 || e.Offset > len(name) || e.Rule == "" {
			t.Errorf("%q: offset %d, rule %q", name, e.Offset, e.Rule)
		}
	})
}
