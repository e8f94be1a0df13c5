package topic_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/livetopics/live/internal/topic"
)

// newTable is a table of the patterns, each under its own text.
func newTable(t testing.TB, patterns ...string) *topic.Table[string] {
	t.Helper()
	var table topic.Table[string]
	for _, text := range patterns {
		if err := table.Add(mustPattern(t, text), text); err != nil {
			t.Fatal(err)
		}
	}
	return &table
}

func TestLookupFindsTheMostSpecific(t *testing.T) {
	table := newTable(t,
		"{all...}", "chat:{room}", "chat:lobby", "chat:{room}:log", "chat:{room}:{rest...}",
		"files:{path...}", "files:{owner}:{name}", "files:ann:{name}", "files:ann:x:y:z", "news")
	for name, want := range map[string]string{
		"news":            "news",
		"news:local":      "{all...}",
		"chat":            "{all...}",
		"chat:1":          "chat:{room}",
		"chat:lobby":      "chat:lobby",
		"chat:lobby:log":  "chat:{room}:log",
		"chat:1:log":      "chat:{room}:log",
		"chat:1:logs":     "chat:{room}:{rest...}",
		"chat:1:log:2":    "chat:{room}:{rest...}",
		"files:ann":       "files:{path...}",
		"files:bob:x":     "files:{owner}:{name}",
		"files:ann:x":     "files:ann:{name}",
		"files:ann:x:y":   "files:{path...}",
		"files:ann:x:y:z": "files:ann:x:y:z",
		"$sys":            "",
		"$sys:chat":       "",
	} {
		v, p, ok := table.Lookup(name)
		if v != want || p.String() != want || ok != (want != "") {
			t.Errorf("%q: %q under %q, %v; want %q", name, v, p, ok, want)
		}
	}
}

func TestLookupComesBackFromAWayThatEndsNowhere(t *testing.T) {
	table := newTable(t, "a:b:c:d", "a:{x}:c:e", "a:b:{y}:f", "{z}:b:c:g", "{w...}")
	for name, want := range map[string]string{
		"a:b:c:d": "a:b:c:d", "a:b:c:e": "a:{x}:c:e", "a:b:c:f": "a:b:{y}:f", "a:b:c:g": "{z}:b:c:g", "a:b:c:h": "{w...}",
		"a:b:c": "{w...}", "a:b:c:d:e": "{w...}",
	} {
		if v, _, _ := table.Lookup(name); v != want {
			t.Errorf("%q: %q, want %q", name, v, want)
		}
	}
}

func TestAddRefusesWhatIsNeitherMoreNorLessSpecific(t *testing.T) {
	for _, c := range []struct{ older, newer, text string }{
		{"chat:red:{file}", "chat:{room}:log", `pattern "chat:{room}:log" conflicts with "chat:red:{file}": both match "chat:red:log", and neither is more specific`},
		{"a:{x}:c", "a:b:{y...}", `pattern "a:b:{y...}" conflicts with "a:{x}:c": both match "a:b:c", and neither is more specific`},
		{"a:{x}", "a:{y}", `pattern "a:{y}" conflicts with "a:{x}": both match "a:x", and neither is more specific`},
		{"a:{x...}", "a:{y...}", `pattern "a:{y...}" conflicts with "a:{x...}": both match "a:x", and neither is more specific`},
		{"news", "news", `pattern "news" conflicts with "news": both match "news", and neither is more specific`},
		{"{x}:b:{y...}", "a:{x...}", `pattern "a:{x...}" conflicts with "{x}:b:{y...}": both match "a:b:x", and neither is more specific`},
		{"a:{x}:{y}:d", "a:b:{z...}", `pattern "a:b:{z...}" conflicts with "a:{x}:{y}:d": both match "a:b:x:d", and neither is more specific`},
	} {
		t.Run(c.newer, func(t *testing.T) {
			table := newTable(t, c.older)
			err := table.Add(mustPattern(t, c.newer), c.newer)
			var e *topic.ConflictError
			if !errors.As(err, &e) {
				t.Fatalf("error %v, want one of type *topic.ConflictError", err)
			}
			if e.Error() != c.text || e.New != c.newer || e.Old != c.older {
				t.Errorf("error %q\nwant  %q", e, c.text)
			}
			if v, _, _ := table.Lookup(e.Topic); table.Len() != 1 || v != c.older {
				t.Errorf("%d patterns, %q at %q", table.Len(), v, e.Topic)
			}
		})
	}
}

func TestAddTakesPatternsWhoseCommonTopicsWouldBeTooLong(t *testing.T) {
	table := newTable(t, strings.Repeat("a", 200)+":{x}", "{x}:"+strings.Repeat("b", 200))
	if n := table.Len(); n != 2 {
		t.Errorf("%d patterns", n)
	}
}

func TestAddRefusesTheZeroPattern(t *testing.T) {
	var table topic.Table[int]
	if err := table.Add(topic.Pattern{}, 1); err == nil || table.Len() != 0 {
		t.Errorf("error %v, %d patterns", err, table.Len())
	}
}

func TestTheZeroTableIsEmpty(t *testing.T) {
	var table topic.Table[int]
	if _, _, ok := table.Lookup("a"); ok || table.Len() != 0 {
		t.Error("it has something")
	}
}

// TestAddDecidesEveryPair compares Add with sets of topics written out. All that tells
// patterns of up to three segments apart shows in topics of up to four, over the
// literals in them and one that is in none.
func TestAddDecidesEveryPair(t *testing.T) {
	names := sequences(4, "a", "b", "z")
	texts := patterns(3, "a", "b")
	sets := map[string][]bool{}
	for _, text := range texts {
		m := newModel(text)
		for _, name := range names {
			sets[text] = append(sets[text], m.matches(name))
		}
	}
	for _, older := range texts {
		for _, newer := range texts {
			var onlyOlder, onlyNewer, both bool
			for i := range names {
				o, n := sets[older][i], sets[newer][i]
				both, onlyOlder, onlyNewer = both || o && n, onlyOlder || o && !n, onlyNewer || n && !o
			}
			want := both && onlyOlder == onlyNewer
			err := newTable(t, older).Add(mustPattern(t, newer), newer)
			if (err != nil) != want {
				t.Errorf("%q, then %q: %v; refused should be %v", older, newer, err, want)
			}
			var e *topic.ConflictError
			if errors.As(err, &e) && (!newModel(older).matches(e.Topic) || !newModel(newer).matches(e.Topic) || topic.Valid(e.Topic) != nil) {
				t.Errorf("%q, then %q: not both match %q", older, newer, e.Topic)
			}
		}
	}
}

func TestLookupFindsWhatTryingEveryPatternFinds(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	names := append(sequences(5, "a", "b", "z"), "$", "$:a")
	texts := patterns(4, "a", "b")
	models := map[string]model{}
	matched := map[string][]string{} // patterns by the topic they match
	for _, text := range texts {
		models[text] = newModel(text)
		for _, name := range names {
			if models[text].matches(name) {
				matched[name] = append(matched[name], text)
			}
		}
	}
	for range 25 {
		var table topic.Table[string]
		added := map[string]bool{}
		for _, i := range random.Perm(len(texts))[:1+random.IntN(len(texts))] {
			if table.Add(mustPattern(t, texts[i]), texts[i]) == nil {
				added[texts[i]] = true
			}
		}
		for _, name := range names {
			want := ""
			for _, text := range matched[name] {
				if added[text] && (want == "" || models[text].moreSpecific(models[want])) {
					want = text
				}
			}
			if v, p, ok := table.Lookup(name); v != want || p.String() != want || ok != (want != "") {
				t.Fatalf("%q: %q under %q, %v; want %q", name, v, p, ok, want)
			}
		}
	}
}

func TestTheOrderOfAddingChangesNothing(t *testing.T) {
	texts := []string{"{a...}", "x:{a...}", "x:{a}", "x:y", "x:{a}:z", "x:y:z", "{a}", "w:{a...}"}
	names := sequences(4, "w", "x", "y", "z")
	want := newTable(t, texts...)
	for range texts {
		texts = slices.Concat(texts[1:], texts[:1])
		got := newTable(t, texts...)
		for _, name := range names {
			v, _, _ := want.Lookup(name)
			if w, _, _ := got.Lookup(name); v != w {
				t.Errorf("%q: %q and %q", name, v, w)
			}
		}
	}
}

func TestLookupAllocatesNothing(t *testing.T) {
	table := newTable(t, "a:b:c:d", "a:{x}:c:e", "{w...}")
	if n := testing.AllocsPerRun(100, func() {
		for _, name := range []string{"a:b:c:d", "a:b:c:e", "a:b:c:f", "$sys"} {
			table.Lookup(name)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
