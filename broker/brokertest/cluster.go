package brokertest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/memory"
)

// Cluster is one whose nodes are all in this process, for tests of what runs on several
// of them. Its methods may be called by many goroutines at once.
type Cluster struct {
	// Set once.
	lease time.Duration
	roll  *registry

	mu     sync.RWMutex // guards the fields below; held for reading while a node delivers
	shared broker.Broker
	nodes  []*clusterNode
}

// NewCluster makes one without nodes, whose leases are that long; 0 is broker.Lease.
func NewCluster(lease time.Duration) *Cluster {
	if lease == 0 {
		lease = broker.Lease
	}
	c := &Cluster{lease: lease, roll: newRegistry()}
	c.shared = c.open()
	return c
}

func (c *Cluster) open() broker.Broker {
	b, err := memory.New(memory.Options{})(c.deliver)
	if err != nil {
		panic(fmt.Sprintf("brokertest: open the memory: %v", err)) // it never fails
	}
	return b
}

// Open makes a node more. It is a broker.Open.
func (c *Cluster) Open(d broker.Deliver) (broker.Broker, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := &clusterNode{cluster: c, id: len(c.nodes), deliver: d, followed: make(map[string]bool), own: make(map[registration]broker.Member)}
	c.nodes = append(c.nodes, n)
	c.roll.seen(n.id)
	return n, nil
}

// Away has the nodes, all of them unless some are named, in order of their opening,
// not reach the cluster until Back: their calls return broker.ErrUnavailable.
func (c *Cluster) Away(nodes ...int) { c.each(nodes, func(n *clusterNode) { n.setAway(true) }) }

// Back ends Away. What was published meanwhile to topics with history is delivered.
func (c *Cluster) Back(nodes ...int) { c.each(nodes, func(n *clusterNode) { n.setAway(false) }) }

func (c *Cluster) each(nodes []int, f func(*clusterNode)) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, n := range c.nodes {
		if len(nodes) == 0 || slices.Contains(nodes, n.id) {
			f(n)
		}
	}
}

// Forget loses all that is stored: what is published after it is of new epochs. Nobody
// may publish meanwhile.
func (c *Cluster) Forget() error {
	c.mu.Lock()
	old := c.shared
	c.shared = c.open()
	c.mu.Unlock()
	return old.Close(context.Background())
}

// Close frees what the cluster holds. Its nodes are closed before, by who opened them.
func (c *Cluster) Close() error { return c.store().Close(context.Background()) }

func (c *Cluster) store() broker.Broker {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.shared
}

// deliver is told of each publication.
func (c *Cluster) deliver(topic, epoch string, p *broker.Publication) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, n := range c.nodes {
		n.delivered(topic, epoch, p)
	}
}

// matches reports whether a wildcard matches the topic.
func matches(wildcard, topic string) bool {
	prefix, deep := strings.CutSuffix(wildcard, "**")
	if !deep {
		var one bool
		if prefix, one = strings.CutSuffix(wildcard, "*"); !one {
			return false
		}
	}
	rest, ok := strings.CutPrefix(topic, prefix)
	return ok && rest != "" && (deep || !strings.Contains(rest, ":"))
}
