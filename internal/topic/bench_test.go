package topic_test

import (
	"strconv"
	"testing"

	"github.com/livetopics/live/internal/topic"
)

func BenchmarkValid(b *testing.B) {
	for _, name := range []string{"a", "chat:room:1234567890", "chat:räume:größe:日本"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := topic.Valid(name); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLookup has 1,000 patterns: of two hundred kinds of topics, five each.
func BenchmarkLookup(b *testing.B) {
	var table topic.Table[int]
	for i := range 200 {
		for _, form := range []string{"", ":{room}", ":{room}:log", ":{room}:{user}", ":{room}:{user}:{rest...}"} {
			if err := table.Add(mustPattern(b, "kind"+strconv.Itoa(i)+form), i); err != nil {
				b.Fatal(err)
			}
		}
	}
	for _, name := range []string{"kind7", "kind7:42", "kind7:42:log", "kind7:42:ann:x:y:z", "none:42"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				table.Lookup(name)
			}
		})
	}
}

func BenchmarkParam(b *testing.B) {
	p := mustPattern(b, "files:{owner}:{path...}")
	b.ReportAllocs()
	for b.Loop() {
		p.Param("files:ann:x:y:z", "path")
	}
}

func BenchmarkAppendMatches(b *testing.B) {
	few := newIndex(b, "orders:*", "orders:**", "*:1")
	many := few
	for i := range 10_000 {
		many = many.With(mustWildcard(b, "user:"+strconv.Itoa(i)+":*"), "v")
	}
	for _, c := range []struct {
		text, name string
		index      *topic.Index[string]
	}{
		{"none", "orders:1", nil},
		{"3_of_3", "orders:1", few},
		{"3_of_10003", "orders:1", many},
		{"1_of_10003", "user:4711:x", many},
		{"0_of_10003", "user:none:x", many},
	} {
		b.Run(c.text, func(b *testing.B) {
			b.ReportAllocs()
			var list []string
			for b.Loop() {
				list = c.index.AppendMatches(list[:0], c.name)
			}
		})
	}
}

func BenchmarkWith(b *testing.B) {
	for _, n := range []int{10, 1_000, 100_000} {
		b.Run("beside_"+strconv.Itoa(n), func(b *testing.B) {
			var x *topic.Index[int]
			for i := range n {
				x = x.With(mustWildcard(b, "user:"+strconv.Itoa(i)+":*"), i)
			}
			w := mustWildcard(b, "user:ann:*")
			b.ReportAllocs()
			for b.Loop() {
				x.With(w, 1)
			}
		})
	}
}
