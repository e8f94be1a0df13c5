package natsbroker_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/livetopics/live/broker"
)

// measure publishes b.N messages by so many callers at once, and waits until all are
// delivered on another node.
func measure(b *testing.B, h broker.History, dedup bool, callers int) {
	var came atomic.Int64
	done := make(chan struct{}, 1)
	total := int64(b.N)
	o := options()
	to := open(b, single(b), o, func(string, string, *broker.Publication) {
		if came.Add(1) == total {
			done <- struct{}{}
		}
	})
	defer closeIt(b, to)
	from := open(b, single(b), o, func(string, string, *broker.Publication) {})
	defer closeIt(b, from)
	follow(b, to, "room:lobby", h)
	data := make([]byte, 200)
	if err := from.Prepare(b.Context(), h); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetParallelism(callers)
	b.ResetTimer()
	var ids atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			m := broker.Message{Topic: "room:lobby", Key: "k", Data: data, History: h}
			if dedup {
				m.Dedup = string(rune(ids.Add(1)))
			}
			if _, err := from.Publish(b.Context(), &m); err != nil {
				b.Error(err)
				return
			}
		}
	})
	<-done
}

func BenchmarkPlain(b *testing.B)          { measure(b, broker.History{}, false, 64) }
func BenchmarkPlainOneCaller(b *testing.B) { one(b, broker.History{}) }
func BenchmarkKept(b *testing.B)           { measure(b, kept, false, 64) }
func BenchmarkKeptOneCaller(b *testing.B)  { one(b, kept) }

// one publishes by one caller.
func one(b *testing.B, h broker.History) {
	from := open(b, single(b), options(), func(string, string, *broker.Publication) {})
	defer closeIt(b, from)
	if err := from.Prepare(b.Context(), h); err != nil {
		b.Fatal(err)
	}
	m := broker.Message{Topic: "room:lobby", Key: "k", Data: make([]byte, 200), History: h}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := from.Publish(b.Context(), &m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPosition(b *testing.B) {
	from := open(b, single(b), options(), func(string, string, *broker.Publication) {})
	defer closeIt(b, from)
	publish(b, from, "room:lobby", "1")
	b.ReportAllocs()
	b.ResetTimer()
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := from.History(b.Context(), "room:lobby", kept, broker.Query{}); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkJoinAndLeave(b *testing.B) {
	from := open(b, single(b), options(), func(string, string, *broker.Publication) {})
	defer closeIt(b, from)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := from.Join(b.Context(), "room", broker.Member{User: "ann", Sessions: 1}); err != nil {
			b.Fatal(err)
		}
		if _, err := from.Leave(b.Context(), "room", "ann"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFollow follows as many topics with history as b.N says, by 256 callers at
// once, and reports the memory of each, the server's included.
func BenchmarkFollow(b *testing.B) {
	to := open(b, single(b), options(), func(string, string, *broker.Publication) {})
	defer closeIt(b, to)
	if err := to.Prepare(b.Context(), kept); err != nil {
		b.Fatal(err)
	}
	before := heap()
	var ids atomic.Int64
	b.SetParallelism(128)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := to.Follow(b.Context(), fmt.Sprint("room:", ids.Add(1)), kept); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(heap()-before)/float64(b.N), "heap-B/topic")
	b.ReportMetric(float64(to.Stats().Rounds)/float64(b.N), "rounds/topic")
}

// heap is how much is in use.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
