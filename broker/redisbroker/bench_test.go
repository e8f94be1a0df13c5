//go:build servers

package redisbroker_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/redisbroker"
	"github.com/livetopics/live/internal/redistest"
)

// kinds are the messages that the benchmarks publish.
var kinds = []struct {
	name    string
	message broker.Message
}{
	{"no history", broker.Message{}},
	{"the last 10", broker.Message{History: broker.History{Size: 10, Age: time.Hour}}},
	{"the last 1000", broker.Message{History: broker.History{Size: 1000, Age: time.Hour}}},
}

func BenchmarkPublish(b *testing.B) {
	server := redistest.Start(b)
	for _, k := range kinds {
		b.Run(k.name, func(b *testing.B) {
			r := open(b, redisbroker.Options{URL: server.URL()}, nil)
			m := k.message
			m.Topic, m.Data = "chat:room:1", make([]byte, 100)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Publish(context.Background(), &m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPublishParallel(b *testing.B) {
	server := redistest.Start(b)
	for _, k := range kinds {
		b.Run(k.name, func(b *testing.B) {
			r := open(b, redisbroker.Options{URL: server.URL()}, nil)
			var topics atomic.Int64
			b.SetParallelism(64)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				m := k.message
				m.Topic, m.Data = fmt.Sprint("chat:room:", topics.Add(1)), make([]byte, 100)
				for pb.Next() {
					if _, err := r.Publish(context.Background(), &m); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// BenchmarkDeliver has each publication come back to a node that follows the topic.
func BenchmarkDeliver(b *testing.B) {
	server := redistest.Start(b)
	for _, k := range kinds {
		b.Run(k.name, func(b *testing.B) {
			var delivered atomic.Int64
			o := redisbroker.Options{URL: server.URL()}
			follower := open(b, o, func(string, string, *broker.Publication) { delivered.Add(1) })
			publisher := open(b, o, nil)
			follow(b, follower, "chat:room:1", k.message.History)
			b.SetParallelism(64)
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				m := k.message
				m.Topic, m.Data = "chat:room:1", make([]byte, 100)
				for pb.Next() {
					if _, err := publisher.Publish(context.Background(), &m); err != nil {
						b.Error(err)
						return
					}
				}
			})
			eventually(b, "end of the deliveries", func() bool { return delivered.Load() >= int64(b.N) })
		})
	}
}

// BenchmarkFollow100000 follows as many topics, and has them followed and checked again
// after the connection broke.
func BenchmarkFollow100000(b *testing.B) {
	const n = 100_000
	server := redistest.Start(b)
	for b.Loop() {
		r := open(b, redisbroker.Options{URL: server.URL()}, nil)
		start := time.Now()
		followAll(b, r, n, kept)
		b.ReportMetric(time.Since(start).Seconds(), "s/follow")
		seen := r.Stats().Resyncs
		start = time.Now()
		server.Do("CLIENT", "KILL", "TYPE", "pubsub")
		eventually(b, "end of the check", func() bool { return r.Stats().Resyncs >= seen+n })
		b.ReportMetric(time.Since(start).Seconds(), "s/reconnect")
	}
}
