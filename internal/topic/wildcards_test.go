package topic_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/livetopics/live/internal/topic"
)

// newIndex is an index of the wildcards, each with its own text as the value.
func newIndex(t testing.TB, wildcards ...string) *topic.Index[string] {
	t.Helper()
	var x *topic.Index[string]
	for _, text := range wildcards {
		x = x.With(mustWildcard(t, text), text)
	}
	return x
}

// wildcards has every wildcard of up to length segments, over the literals.
func wildcards(length int, literals ...string) []string {
	return slices.DeleteFunc(sequences(length, append(literals, "*", "**")...), func(s string) bool {
		return !strings.Contains(s, "*") || strings.Contains(s, "**:")
	})
}

func TestAppendMatchesAddsWhatMatches(t *testing.T) {
	x := newIndex(t, "*", "**", "orders:*", "orders:**", "orders:*:log", "*:1", "*:*", "$sys:*", "$sys:**")
	for name, want := range map[string][]string{
		"orders":       {"*", "**"},
		"orders:1":     {"**", "*:*", "*:1", "orders:*", "orders:**"},
		"orders:1:log": {"**", "orders:**", "orders:*:log"},
		"a:1":          {"**", "*:*", "*:1"},
		"a:b:c":        {"**"},
		"$sys":         nil,
		"$sys:1":       {"$sys:*", "$sys:**"},
		"$sys:1:2":     {"$sys:**"},
		"$other:1":     nil,
	} {
		got := x.AppendMatches([]string{"first"}, name)
		if got[0] != "first" {
			t.Errorf("%q: what was in the list is %q", name, got[0])
		}
		got = got[1:]
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestTheNilAndTheZeroIndexAreEmpty(t *testing.T) {
	for _, x := range []*topic.Index[string]{nil, {}} {
		if x.Len() != 0 || len(x.AppendMatches(nil, "a")) != 0 || x.Without(mustWildcard(t, "*")) != x {
			t.Error("it has something")
		}
		if y := x.With(mustWildcard(t, "*"), "v"); y.Len() != 1 || len(y.AppendMatches(nil, "a")) != 1 {
			t.Error("it takes nothing")
		}
	}
}

func TestWithReplacesTheValue(t *testing.T) {
	w := mustWildcard(t, "a:*")
	old := newIndex(t, "a:*", "a:**")
	x := old.With(w, "new")
	if got := x.AppendMatches(nil, "a:b"); x.Len() != 2 || !slices.Contains(got, "new") || slices.Contains(got, "a:*") {
		t.Errorf("%d wildcards, %q", x.Len(), got)
	}
	if got := old.AppendMatches(nil, "a:b"); slices.Contains(got, "new") {
		t.Errorf("the old index has %q", got)
	}
}

func TestWithoutTheLastWildcardThereIsNoIndex(t *testing.T) {
	x := newIndex(t, "a:*:b", "a:*:**")
	if x = x.Without(mustWildcard(t, "a:*:b")); x.Len() != 1 {
		t.Fatalf("%d wildcards left, want 1", x.Len())
	}
	if x = x.Without(mustWildcard(t, "a:*:**")); x != nil {
		t.Errorf("an index of %d is left", x.Len())
	}
}

func TestWithoutAWildcardThatIsNotThereItStaysTheSame(t *testing.T) {
	x := newIndex(t, "a:*:b", "c:**")
	for _, text := range []string{"*", "**", "a:*", "a:**", "a:*:*", "a:*:b:*", "c:*", "b:*"} {
		if x.Without(mustWildcard(t, text)) != x {
			t.Errorf("%q: another index", text)
		}
	}
	if x.Without(topic.Wildcard{}) != x || x.With(topic.Wildcard{}, "v") != x {
		t.Error("the zero wildcard: another index")
	}
}

// TestAnIndexStaysAsItIs also shows that AppendMatches finds what trying every wildcard
// finds: each index is compared with its model again when many others were made of it.
func TestAnIndexStaysAsItIs(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	texts := wildcards(3, "a", "b", "c", "$")
	names := sequences(4, "a", "b", "z", "$")
	matched := map[string][]string{} // wildcards by the topic they match
	for _, text := range texts {
		m := newModel(text)
		for _, name := range names {
			if m.matches(name) {
				matched[name] = append(matched[name], text)
			}
		}
	}
	type version struct {
		index *topic.Index[string]
		model map[string]string
	}
	now := version{model: map[string]string{}}
	var kept []version
	for step := range 2000 {
		model := make(map[string]string, len(now.model)+1)
		for text, v := range now.model {
			model[text] = v
		}
		text := texts[random.IntN(len(texts))]
		if random.IntN(2) == 0 || step > 1500 {
			delete(model, text)
			now = version{now.index.Without(mustWildcard(t, text)), model}
		} else {
			model[text] = strconv.Itoa(step)
			now = version{now.index.With(mustWildcard(t, text), model[text]), model}
		}
		if step%50 == 0 {
			kept = append(kept, now)
		}
	}
	for _, old := range append(kept, now) {
		if old.index.Len() != len(old.model) || (old.index == nil) != (len(old.model) == 0) {
			t.Fatalf("%d wildcards, want %d", old.index.Len(), len(old.model))
		}
		for _, name := range names {
			var want []string
			for _, text := range matched[name] {
				if v, ok := old.model[text]; ok {
					want = append(want, v)
				}
			}
			got := old.index.AppendMatches(nil, name)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Fatalf("%q: %q, want %q", name, got, want)
			}
		}
	}
}

// TestReadersNeedNoLock is for the race detector: what a reader may still see is never
// written to.
func TestReadersNeedNoLock(t *testing.T) {
	const users = 200
	x := newIndex(t, "user:*", "user:**")
	var readers sync.WaitGroup
	for i := range users {
		seen := x
		if i%10 == 0 {
			readers.Go(func() { // owner: this test; ends when it has looked every user up
				for j := range users {
					if n := len(seen.AppendMatches(nil, "user:"+strconv.Itoa(j)+":x")); n < 1 || n > 2 {
						t.Errorf("user %d: %d matches", j, n)
					}
				}
			})
		}
		x = x.With(mustWildcard(t, "user:"+strconv.Itoa(i)+":*"), "v")
		if i%3 == 0 {
			x = x.Without(mustWildcard(t, "user:"+strconv.Itoa(i/2)+":*"))
		}
	}
	readers.Wait()
}

func TestWithCopiesTheWayToTheWildcardOnly(t *testing.T) {
	const users, step = 20_000, 200
	for name, user := range map[string]func(i int) int{ // the worst for a tree that nothing keeps flat
		"upward":   func(i int) int { return i },
		"downward": func(i int) int { return users - 1 - i },
	} {
		t.Run(name, func(t *testing.T) {
			var x *topic.Index[int]
			for i := range users {
				x = x.With(mustWildcard(t, fmt.Sprintf("user:%05d:*", user(i))), i)
			}
			var more []topic.Wildcard
			for i := 0; i < users; i += step {
				more = append(more, mustWildcard(t, fmt.Sprintf("user:%05dx:*", user(i))))
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for i, w := range more {
				x = x.With(w, i)
			}
			runtime.ReadMemStats(&after)
			if each := (after.TotalAlloc - before.TotalAlloc) / uint64(len(more)); each > 8<<10 {
				t.Errorf("one more of %d wildcards took %d bytes", users, each)
			}
			if x.Len() != users+len(more) {
				t.Errorf("%d wildcards", x.Len())
			}
		})
	}
}

func TestManyLiteralsInOnePlaceComeAndGo(t *testing.T) {
	const users = 60
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	type version struct {
		index *topic.Index[int]
		has   [users]bool
	}
	versions := []version{{}}
	for range 2000 {
		next := versions[len(versions)-1]
		user := random.IntN(users)
		w := mustWildcard(t, "user:"+strconv.Itoa(user)+":*")
		if next.has[user] = !next.has[user]; next.has[user] {
			next.index = next.index.With(w, user)
		} else {
			next.index = next.index.Without(w)
		}
		versions = append(versions, next)
	}
	for step, v := range versions {
		for user, has := range v.has {
			got := v.index.AppendMatches(nil, "user:"+strconv.Itoa(user)+":x")
			if len(got) > 1 || (len(got) == 1) != has || has && got[0] != user {
				t.Fatalf("after %d steps, user %d: %v, want it there %v", step, user, got, has)
			}
		}
	}
}

func TestAppendMatchesAllocatesNothingButTheList(t *testing.T) {
	x := newIndex(t, "*", "**", "orders:*", "orders:**", "*:1", "*:*")
	list := make([]string, 0, 8)
	if n := testing.AllocsPerRun(100, func() { list = x.AppendMatches(list[:0], "orders:1") }); n != 0 || len(list) != 5 {
		t.Errorf("%v allocations, %d matches", n, len(list))
	}
}
