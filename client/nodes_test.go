package client_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/livetopics/live"
	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/memory"
)

// nodes starts servers that share one broker in memory. All sessions are of one user.
func nodes(t testing.TB, count int) []*rig {
	t.Helper()
	all := &sharedBroker{}
	shared, err := memory.New(memory.Options{})(all.deliver)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shared.Close(context.Background()) })
	var rigs []*rig
	for range count {
		rigs = append(rigs, serve(t, live.Options{
			Identify: func(any) (string, any) { return "ann", nil },
			Broker: func(d broker.Deliver) (broker.Broker, error) {
				n := &node{Broker: shared, d: d, follows: make(map[string]bool)}
				all.nodes = append(all.nodes, n)
				return n, nil
			},
		}))
	}
	return rigs
}

// sharedBroker gives to every node what is published on any.
type sharedBroker struct{ nodes []*node } // complete before anything is published

func (b *sharedBroker) deliver(topic, epoch string, p *broker.Publication) {
	for _, n := range slices.Clone(b.nodes) {
		if n.following(topic) {
			n.d(topic, epoch, p)
		}
	}
}

// node is one server's side of the broker. It follows what its server does.
type node struct {
	broker.Broker
	d broker.Deliver

	mu      sync.Mutex // guards follows
	follows map[string]bool
}

func (n *node) following(topic string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.follows[topic]
}

func (n *node) set(topic string, on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.follows[topic] = on
}

func (n *node) Follow(ctx context.Context, topic string, h broker.History) error {
	if err := n.Broker.Follow(ctx, topic, h); err != nil {
		return err
	}
	n.set(topic, true)
	return nil
}

func (n *node) Unfollow(topic string) error {
	n.set(topic, false)
	return nil
}

func (n *node) Close(context.Context) error { return nil }
