//go:build servers

package redisbroker_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
)

// within is how long something may take that must come.
const within = 30 * time.Second

var kept = broker.History{Size: 10_000, Age: time.Hour}

// delivery is one call of Deliver.
type delivery struct {
	epoch string
	broker.Publication
}

// recorder keeps what is delivered.
type recorder struct {
	mu  sync.Mutex // guards all
	all []delivery
}

func (r *recorder) deliver(_, epoch string, p *broker.Publication) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, delivery{epoch, *p})
}

func (r *recorder) list() []delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all[:len(r.all):len(r.all)]
}

// until waits until what was delivered is as wanted.
func (r *recorder) until(t *testing.T, what string, wanted func(all []delivery) bool) []delivery {
	t.Helper()
	eventually(t, what, func() bool { return wanted(r.list()) })
	return r.list()
}

// has waits for the data, and returns all.
func (r *recorder) has(t *testing.T, data string) []delivery {
	t.Helper()
	return r.until(t, "delivery of "+data, func(all []delivery) bool {
		return len(all) > 0 && string(all[len(all)-1].Data) == data
	})
}

// wantWhole checks that all numbers of one epoch were delivered or announced as lost,
// once and in order.
func wantWhole(t *testing.T, all []delivery, to uint64) (lost uint64) {
	t.Helper()
	last := uint64(0)
	for i, d := range all {
		first := d.Seq
		if d.Lost != 0 {
			first = d.Lost
			lost += d.Seq - d.Lost + 1
		}
		if first != last+1 || d.epoch != all[0].epoch {
			t.Fatalf("delivery %d is %s %d (lost from %d) after %d", i, d.epoch, d.Seq, d.Lost, last)
		}
		last = d.Seq
	}
	if last != to {
		t.Fatalf("%d were delivered, want %d", last, to)
	}
	return lost
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, true func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(within)
	for !true() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("there is no %s", what)
		}
	}
}

func follow(t testing.TB, b broker.Broker, topic string, h broker.History) {
	t.Helper()
	if err := b.Follow(t.Context(), topic, h); err != nil {
		t.Fatal(err)
	}
}

// publish publishes, and tries again while the server is away.
func publish(t testing.TB, b broker.Broker, topic, data string) (p broker.Position) {
	t.Helper()
	m := broker.Message{Topic: topic, Data: []byte(data), History: kept}
	eventually(t, "server to publish to", func() (ok bool) {
		var err error
		p, err = b.Publish(t.Context(), &m)
		return err == nil
	})
	return p
}

func publishN(t testing.TB, b broker.Broker, topic string, from, to int) (p broker.Position) {
	t.Helper()
	for i := from; i <= to; i++ {
		p = publish(t, b, topic, fmt.Sprint(i))
	}
	return p
}

// page reads all, and tries again while the server is away.
func page(t testing.TB, b broker.Broker, topic string) (p broker.Page) {
	t.Helper()
	eventually(t, "server to read from", func() (ok bool) {
		var err error
		p, err = b.History(t.Context(), topic, kept, broker.Query{Limit: 1000})
		return err == nil
	})
	return p
}

// lines is a log to look into.
type lines struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) count(s string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), s)
}

func (l *lines) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

func ended(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), d)
}
