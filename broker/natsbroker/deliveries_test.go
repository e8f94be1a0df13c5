package natsbroker_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
)

// kept is the history of most topics here.
var kept = broker.History{Size: 1000, Age: time.Hour}

// record keeps what a broker delivers: the data by topic, and notices as "lost".
type record struct {
	mu     sync.Mutex // guards all and epochs
	all    map[string][]string
	epochs map[string]string
}

func (r *record) deliver(topic, epoch string, p *broker.Publication) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all, r.epochs = make(map[string][]string), make(map[string]string)
	}
	text := string(p.Data)
	if p.Lost != 0 {
		text = "lost"
	}
	r.all[topic] = append(r.all[topic], text)
	r.epochs[topic] = epoch
}

func (r *record) of(topic string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all[topic])
}

func (r *record) epoch(topic string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.epochs[topic]
}

// wait waits until so much of a topic was delivered, and checks that it is this.
func (r *record) wait(tb testing.TB, topic string, want ...string) {
	tb.Helper()
	eventually(tb, fmt.Sprintf("%d are delivered of %s", len(want), topic), func() bool { return len(r.of(topic)) >= len(want) })
	if got := r.of(topic); !slices.Equal(got, want) {
		tb.Errorf("%s: delivered %q, want %q", topic, got, want)
	}
}

// eventually waits until ok, half a minute at most.
func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-limit.C:
			tb.Fatalf("it does not happen that %s", what)
		}
	}
}

// publish publishes with history and returns the position.
func publish(tb testing.TB, b broker.Broker, topic, data string) broker.Position {
	tb.Helper()
	p, err := b.Publish(context.Background(), &broker.Message{Topic: topic, Data: []byte(data), History: kept})
	if err != nil {
		tb.Fatalf("Publish to %s: %v", topic, err)
	}
	return p
}

func follow(tb testing.TB, b broker.Broker, topic string, h broker.History) {
	tb.Helper()
	if err := b.Follow(context.Background(), topic, h); err != nil {
		tb.Fatalf("Follow %s: %v", topic, err)
	}
}

func closeIt(tb testing.TB, b broker.Broker) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := b.Close(ctx); err != nil {
		tb.Errorf("Close: %v", err)
	}
}
