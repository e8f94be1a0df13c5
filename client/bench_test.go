package client_test

import (
	"context"
	"testing"

	"github.com/livetopics/live"
	"github.com/livetopics/live/client"
)

// BenchmarkReceive is one subscription that reads as fast as it can, five hundred at a time.
func BenchmarkReceive(b *testing.B) {
	r := serve(b, live.Options{QueueSize: 1000})
	c := open(b, client.Options{URL: "ws://" + r.http.Listener.Addr().String()})
	s := subscribe(b, c, "chat:a", client.SubscribeOptions{})
	data := []byte(`{"text":"a message of some eighty bytes, as they are in a chat: not too long."}`)
	b.ReportAllocs()
	var seq uint64
	for b.Loop() {
		for range 500 {
			r.server.Publish("chat:a", data)
		}
		for range 500 {
			m, err := s.Next(context.Background())
			if seq++; err != nil || m.Seq != seq {
				b.Fatalf("message %d is %q, %v", seq, say(m), err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(seq), "ns/message")
}

// BenchmarkPublish waits for each answer, with 64 publishers at once.
func BenchmarkPublish(b *testing.B) {
	r := serve(b, live.Options{})
	c := open(b, client.Options{URL: "ws://" + r.http.Listener.Addr().String()})
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := c.Publish(context.Background(), "chat:a", []byte(`"hello"`), client.PublishOptions{}); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkComeBack is a reconnect with ten thousand topics, up to a message of the last.
func BenchmarkComeBack(b *testing.B) {
	r := serve(b, live.Options{})
	c := r.dial(b, client.Options{Backoff: client.Backoff{First: 1, Most: 1}})
	topics := make([]client.Topic, 10000)
	for i := range topics {
		topics[i].Name = "chat:" + itoa(i)
	}
	subs, err := c.SubscribeMany(soon(b), topics)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r.link.cut()
		for _, s := range subs {
			r.publish(b, s.Topic(), 1)
		}
		for _, s := range subs {
			if m, err := s.Next(context.Background()); err != nil || m.Kind != client.KindPublication {
				b.Fatal(say(m), err)
			}
		}
	}
}
