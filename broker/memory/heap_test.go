package memory_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/memory"
)

// heap is how many bytes are alive.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// fill publishes to many topics, round by round as it happens, so that each has
// the last kept of them.
func fill(tb testing.TB, b broker.Broker, topics, rounds, kept, size int, age time.Duration) {
	m := broker.Message{Data: make([]byte, size), History: broker.History{Size: kept, Age: age}}
	for range rounds {
		for i := range topics {
			m.Topic = fmt.Sprintf("room:%d", i)
			if _, err := b.Publish(context.Background(), &m); err != nil {
				tb.Fatal(err)
			}
		}
	}
}

// perPublication measures the live heap that a full broker costs for each of the
// publications that it has.
func perPublication(tb testing.TB, topics, rounds, kept, size int) float64 {
	before := heap()
	b := open(tb, memory.Options{}, nil)
	fill(tb, b, topics, rounds, kept, size, time.Hour)
	used := heap() - before
	n := b.Stats().Publications
	if n != topics*min(rounds, kept) {
		tb.Fatalf("%d publications are stored, want %d", n, topics*min(rounds, kept))
	}
	return float64(used) / float64(n)
}

func BenchmarkHeapPerPublication(b *testing.B) {
	for _, c := range []struct{ topics, rounds, kept, size int }{
		{100_000, 10, 10, 100},
		{100_000, 25, 10, 100},
		{100_000, 23, 10, 20},
		{100_000, 3, 1, 100},
		{20_000, 23, 10, 1000},
		{10, 250_000, 100_000, 100},
	} {
		b.Run(fmt.Sprintf("%d topics, %d of %d, %d bytes", c.topics, c.kept, c.rounds, c.size), func(b *testing.B) {
			var bytes float64
			for b.Loop() {
				bytes = perPublication(b, c.topics, c.rounds, c.kept, c.size)
			}
			b.ReportMetric(bytes, "B/publication")
		})
	}
}

func TestSmallPublicationsTakeLittleMemoryAndGiveItBack(t *testing.T) {
	const topics, rounds, kept, size = 20_000, 23, 10, 100
	const limit = 200 // bytes for each publication; measured: 140
	synctest.Test(t, func(t *testing.T) {
		before := heap()
		b := open(t, memory.Options{}, nil)
		fill(t, b, topics, rounds, kept, size, time.Hour)
		for i := range topics / 100 { // what stays must not keep room for what goes
			if err := b.Follow(context.Background(), fmt.Sprintf("room:%d", i), hour); err != nil {
				t.Fatal(err)
			}
		}
		used := heap() - before
		if n := used / (topics * kept); n > limit {
			t.Errorf("a stored publication takes %d bytes", n)
		}
		pass(time.Hour + memory.DefaultLinger + 2*time.Second)
		left := heap() - before
		if left > used/75 {
			t.Errorf("%d bytes of %d are left after all has expired", left, used)
		}
		runtime.KeepAlive(b)
	})
}
