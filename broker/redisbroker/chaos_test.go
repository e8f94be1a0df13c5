//go:build servers

package redisbroker_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/redisbroker"
	"github.com/livetopics/live/internal/redistest"
)

// acked is what publishers were told of their messages.
type acked struct {
	mu  sync.Mutex // guards all
	all map[string]map[string]broker.Position
}

func (a *acked) add(topic, data string, p broker.Position) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all[topic] == nil {
		a.all[topic] = make(map[string]broker.Position)
	}
	a.all[topic][data] = p
}

// node is one of several, and what it has delivered of each topic.
type node struct {
	*redisbroker.Broker
	mu     sync.Mutex // guards topics
	topics map[string]*recorder
}

func (n *node) of(topic string) *recorder {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.topics == nil {
		n.topics = make(map[string]*recorder)
	}
	if n.topics[topic] == nil {
		n.topics[topic] = new(recorder)
	}
	return n.topics[topic]
}

// trouble makes some for a server.
func trouble(r *rand.Rand, server *redistest.Server) {
	switch r.IntN(4) {
	case 0:
		server.Try("CLIENT", "KILL", "TYPE", "pubsub")
	case 1:
		server.Try("CLIENT", "KILL", "TYPE", "normal")
	case 2:
		server.Kill()
		server.Start()
	case 3:
		server.Pause()
		<-time.After(time.Duration(r.IntN(300)) * time.Millisecond)
		server.Resume()
	}
}

// publishAll publishes until stopped. Each message has a Dedup and is sent until it is
// acknowledged.
func publishAll(t *testing.T, nodes []*node, topics []string, who int, a *acked, stop *atomic.Bool) {
	for i := 0; !stop.Load(); i++ {
		topic, data := topics[i%len(topics)], fmt.Sprint(who, "-", i)
		m := broker.Message{Topic: topic, Dedup: data, Data: []byte(data), History: kept}
		for try := 0; try < 1000; try++ {
			p, err := nodes[(who+try)%len(nodes)].Publish(t.Context(), &m)
			if err == nil {
				a.add(topic, data, p)
				break
			}
			<-time.After(5 * time.Millisecond)
		}
	}
}

func TestRandomTroubleLosesNothingThatWasAcknowledged(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	topics := []string{"a", "b", "c", "d"}
	nodes := make([]*node, 3)
	for i := range nodes {
		n := new(node)
		n.Broker = open(t, redisbroker.Options{URL: server.URL(), Logger: new(lines).logger()}, func(topic, epoch string, p *broker.Publication) {
			n.of(topic).deliver(topic, epoch, p)
		})
		nodes[i] = n
		for _, topic := range topics {
			follow(t, n, topic, kept)
		}
	}
	a := acked{all: make(map[string]map[string]broker.Position)}
	var stop atomic.Bool
	var run sync.WaitGroup
	for who := range 6 {
		run.Go(func() { publishAll(t, nodes, topics, who, &a, &stop) })
	}
	for range 15 {
		<-time.After(time.Duration(r.IntN(400)) * time.Millisecond)
		trouble(r, server)
	}
	stop.Store(true)
	run.Wait()
	for _, topic := range topics {
		last := publish(t, nodes[0], topic, "end")
		for _, n := range nodes {
			all := n.of(topic).has(t, "end")
			if lost := wantWhole(t, all, last.Seq); lost != 0 {
				t.Errorf("%d were announced as lost", lost)
			}
			wantAcked(t, all, a.all[topic])
		}
	}
	for i, n := range nodes {
		t.Logf("node %d: %+v", i, n.Stats())
	}
}

// wantAcked checks that all that was acknowledged was delivered, once and where it was said.
func wantAcked(t *testing.T, all []delivery, acked map[string]broker.Position) {
	t.Helper()
	seen := make(map[string]bool)
	for _, d := range all {
		data := string(d.Data)
		if p, ok := acked[data]; ok && (p.Seq != d.Seq || p.Epoch != d.epoch || seen[data]) {
			t.Fatalf("%s was acknowledged at %+v, delivered at %s %d, before that: %v", data, p, d.epoch, d.Seq, seen[data])
		}
		seen[data] = true
	}
	for data, p := range acked {
		if !seen[data] {
			t.Fatalf("%s was acknowledged at %+v and never delivered", data, p)
		}
	}
	t.Logf("%d were acknowledged, %d delivered", len(acked), len(all))
}
