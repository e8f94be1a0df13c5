package topic_test

import (
	"regexp"
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

func FuzzPattern(f *testing.F) {
	for _, s := range []string{"news", "chat:{room}", "files:{owner}:{path...}", "{a}{b}", "x{a}", "{a}:{a}", "{1}", "{", "}", "{...}", "a:*", "$sys"} {
		f.Add(s, "chat:42")
	}
	f.Fuzz(func(t *testing.T, s, name string) {
		p, err := topic.ParsePattern(s)
		if err != nil {
			checkFault(t, err, s, "pattern ")
			return
		}
		if !isPattern(s) || p.String() != s {
			t.Fatalf("%q: taken as %q", s, p)
		}
		if p.Match(name); topic.Valid(name) != nil {
			return // no more than that it comes back
		}
		m := newModel(s)
		if got, want := p.Match(name), m.matches(name); got != want {
			t.Fatalf("%q and %q: %v, want %v", s, name, got, want)
		}
		if !p.Match(name) {
			return
		}
		filled := s // with the values of its parameters it is the topic
		for segment := range strings.SplitSeq(s, ":") {
			if param, found := strings.CutPrefix(segment, "{"); found {
				param = strings.TrimSuffix(strings.TrimSuffix(param, "}"), "...")
				filled = strings.Replace(filled, segment, p.Param(name, param), 1)
			}
		}
		if filled != name {
			t.Errorf("%q and %q: with its parameters it is %q", s, name, filled)
		}
	})
}

func FuzzWildcard(f *testing.F) {
	for _, s := range []string{"*", "**", "orders:*", "orders:**", "**:a", "a*", "***", "*:{a}", "a", "a::*", "$sys:*"} {
		f.Add(s, "orders:1:2")
	}
	f.Fuzz(func(t *testing.T, s, name string) {
		w, err := topic.ParseWildcard(s)
		if err != nil {
			checkFault(t, err, s, "wildcard ")
			return
		}
		if !isWildcard(s) || !topic.IsWildcard(s) || w.String() != s {
			t.Fatalf("%q: taken as %q", s, w)
		}
		x := new(topic.Index[string]).With(w, s)
		if w.Match(name); topic.Valid(name) != nil {
			x.AppendMatches(nil, name)
			return // no more than that they come back
		}
		want := newModel(s).matches(name)
		if got, found := w.Match(name), len(x.AppendMatches(nil, name)) == 1; got != want || found != want {
			t.Fatalf("%q and %q: matches %v, found %v, want %v", s, name, got, found, want)
		}
	})
}

func FuzzTable(f *testing.F) {
	f.Add("chat:red:{file} chat:{room}:log", "chat:red:log")
	f.Add("a:{x}:c a:b:{y...} a:b:c", "a:b:c")
	f.Add("a:b:c:d a:{x}:c:e {w...}", "a:b:c:e")
	f.Fuzz(func(t *testing.T, patterns, name string) {
		var table topic.Table[model]
		var models []model
		for text := range strings.FieldsSeq(patterns) {
			p, err := topic.ParsePattern(text)
			if err != nil {
				continue
			}
			m := newModel(text)
			err = table.Add(p, m)
			if err == nil {
				models = append(models, m)
				continue
			}
			e := err.(*topic.ConflictError)
			old := newModel(e.Old)
			if topic.Valid(e.Topic) != nil || !m.matches(e.Topic) || !old.matches(e.Topic) || m.moreSpecific(old) || old.moreSpecific(m) {
				t.Fatal(err)
			}
		}
		got, p, ok := table.Lookup(name)
		if topic.Valid(name) != nil {
			return // no more than that it comes back
		}
		if ok && (p.String() != got.text || !got.matches(name)) {
			t.Fatalf("%q: %q under %q", name, got.text, p)
		}
		for _, m := range models {
			if m.matches(name) && (!ok || m.text != got.text && !got.moreSpecific(m)) {
				t.Fatalf("%q: %q, but there is %q", name, got.text, m.text)
			}
		}
	})
}

// checkFault shows that the error is one that says what s is not, and that it is not.
func checkFault(t *testing.T, err error, s, what string) {
	t.Helper()
	e := err.(*topic.Error)
	if e.Offset < -1 || e.Offset > len(s) || !strings.HasPrefix(e.Rule, what) {
		t.Errorf("%q: offset %d, rule %q", s, e.Offset, e.Rule)
	}
	if what == "pattern " && isPattern(s) || what == "wildcard " && isWildcard(s) {
		t.Errorf("%q: refused: %v", s, err)
	}
}

// isPattern is the rules for patterns once more: what a topic is left of it when each
// parameter is made one letter.
func isPattern(s string) bool {
	name := ""
	seen := map[string]bool{}
	segments := strings.Split(s, ":")
	for i, segment := range segments {
		if found := parameter.FindStringSubmatch(segment); found != nil {
			if seen[found[1]] || found[2] != "" && i < len(segments)-1 {
				return false
			}
			seen[found[1]] = true
			segment = "x"
		}
		name += ":" + segment
	}
	return isTopic(name[1:]) && !strings.HasPrefix(s, "$")
}

var parameter = regexp.MustCompile(`^\{([\pL_][\pL\p{Nd}_]*)(\.\.\.)?\}$`)

// isWildcard is the rules for wildcards once more: what a topic is left of it when each
// * is made one letter.
func isWildcard(s string) bool {
	segments := strings.Split(s, ":")
	wild := 0
	for i, segment := range segments {
		if segment == "*" || segment == "**" && i == len(segments)-1 {
			segments[i] = "x"
			wild++
		}
	}
	return wild > 0 && len(s) <= topic.MaxLen && isTopic(strings.Join(segments, ":"))
}
