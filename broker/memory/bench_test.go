package memory_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/memory"
)

// kinds are the messages that the benchmarks publish.
var kinds = []struct {
	name    string
	message broker.Message
}{
	{"no history", broker.Message{}},
	{"the last", broker.Message{History: broker.History{Size: 1}}},
	{"the last 10", broker.Message{History: broker.History{Size: 10, Age: time.Hour}}},
	{"the last 1000", broker.Message{History: broker.History{Size: 1000, Age: time.Hour}}},
}

func BenchmarkPublish(b *testing.B) {
	for _, k := range kinds {
		b.Run(k.name, func(b *testing.B) {
			mem := open(b, memory.Options{}, nil)
			m := k.message
			m.Topic, m.Data = "chat:room:1", make([]byte, 100)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := mem.Publish(context.Background(), &m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPublishParallel(b *testing.B) {
	for _, k := range kinds {
		b.Run(k.name, func(b *testing.B) {
			mem := open(b, memory.Options{}, nil)
			var topics atomic.Int64
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				m := k.message
				m.Topic, m.Data = fmt.Sprint("chat:room:", topics.Add(1)), make([]byte, 100)
				for pb.Next() {
					if _, err := mem.Publish(context.Background(), &m); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

func BenchmarkPublishToManyTopics(b *testing.B) {
	mem := open(b, memory.Options{}, nil)
	topics := make([]string, 10_000)
	for i := range topics {
		topics[i] = fmt.Sprint("chat:room:", i)
	}
	m := broker.Message{Data: make([]byte, 100), History: broker.History{Size: 10, Age: time.Hour}}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.Topic = topics[i%len(topics)]
		if _, err := mem.Publish(context.Background(), &m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHistoryOf64(b *testing.B) {
	mem := open(b, memory.Options{}, nil)
	h := broker.History{Size: 10_000}
	m := broker.Message{Topic: "chat:room:1", Data: make([]byte, 100), History: h}
	for range h.Size {
		if _, err := mem.Publish(context.Background(), &m); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for since := uint64(0); b.Loop(); since = (since + 64) % 9900 {
		page, err := mem.History(context.Background(), m.Topic, h, broker.Query{Since: since, Limit: 64})
		if err != nil || len(page.Publications) != 64 {
			b.Fatal(len(page.Publications), err)
		}
	}
}
