package brokertest

import (
	"bytes"
	"context"
	"strings"
	"sync"

	"github.com/livetopics/live/broker"
)

// clusterNode is one node of a Cluster.
type clusterNode struct {
	// Set once.
	cluster *Cluster
	id      int
	deliver broker.Deliver

	own map[registration]broker.Member // guarded by the registry's mu

	mu       sync.Mutex // guards the fields below; held while deliver is called
	followed map[string]bool
	missed   []missed // of topics with history, while away
	away     bool
	closed   bool
}

type registration struct{ topic, user string }

// missed is a delivery that could not be made.
type missed struct {
	topic, epoch string
	p            broker.Publication
}

var _ broker.Broker = (*clusterNode)(nil)

// begin returns where to do what a call asks for.
func (n *clusterNode) begin(ctx context.Context) (broker.Broker, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.closed:
		return nil, broker.ErrClosed
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case n.away:
		return nil, broker.ErrUnavailable
	}
	return n.cluster.store(), nil
}

func (n *clusterNode) setAway(away bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.away = away
	if away {
		return
	}
	for i := range n.missed {
		m := &n.missed[i]
		n.deliver(m.topic, m.epoch, &m.p)
	}
	n.missed = nil
}

// delivered is told of what was published anywhere.
func (n *clusterNode) delivered(topic, epoch string, p *broker.Publication) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed || !n.wants(topic) {
		return
	}
	if !n.away {
		n.deliver(topic, epoch, p)
	} else if epoch != "" {
		copied := *p
		copied.Data = bytes.Clone(p.Data)
		n.missed = append(n.missed, missed{strings.Clone(topic), epoch, copied})
	}
}

func (n *clusterNode) wants(topic string) bool {
	if n.followed[topic] {
		return true
	}
	for name := range n.followed {
		if matches(name, topic) {
			return true
		}
	}
	return false
}

func (n *clusterNode) Prepare(ctx context.Context, _ broker.History) error {
	_, err := n.begin(ctx)
	return err
}

func (n *clusterNode) Publish(ctx context.Context, m *broker.Message) (broker.Position, error) {
	b, err := n.begin(ctx)
	if err != nil {
		return broker.Position{}, err
	}
	return b.Publish(ctx, m)
}

func (n *clusterNode) Follow(ctx context.Context, topic string, _ broker.History) error {
	if _, err := n.begin(ctx); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.followed[strings.Clone(topic)] = true
	return nil
}

func (n *clusterNode) Unfollow(topic string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return broker.ErrClosed
	}
	delete(n.followed, topic)
	return nil
}

func (n *clusterNode) History(ctx context.Context, topic string, h broker.History, q broker.Query) (broker.Page, error) {
	b, err := n.begin(ctx)
	if err != nil {
		return broker.Page{}, err
	}
	return b.History(ctx, topic, h, q)
}

// Err says whether the node is away.
func (n *clusterNode) Err() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.away {
		return broker.ErrUnavailable
	}
	return nil
}

// Close ends the node. Its registrations stay until its lease has run out.
func (n *clusterNode) Close(context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	return nil
}
