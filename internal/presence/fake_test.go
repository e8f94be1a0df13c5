package presence_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live/broker"
)

var errLost = errors.New("lost")

// cluster is what several nodes of a broker share.
type cluster struct {
	t  testing.TB
	mu sync.Mutex // guards all below

	topics map[string]*people
	calls  map[string]int // by operation
}

// people are those on a topic.
type people struct {
	came map[string]int // when, in order
	last int
	at   map[string]map[*node]broker.Member
}

// node is the broker of one node: only the part that presence uses.
type node struct {
	broker.Broker
	*cluster
	// trouble is asked at each call, before its effect: it may block, and says
	// whether the call fails without an effect, or has it and fails nevertheless.
	trouble func(ctx context.Context, op, user string) (before, after error)
	busy    map[string]bool // guarded by mu: the calls under way
}

func newCluster(t testing.TB) *cluster {
	return &cluster{t: t, topics: map[string]*people{}, calls: map[string]int{}}
}

func (c *cluster) node() *node { return &node{cluster: c, busy: map[string]bool{}} }

func (c *cluster) count(op string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls[op]
}

// begin counts a call, and fails the test if another one for the same is under way.
func (n *node) begin(ctx context.Context, op, topic, user string) (after error, err error) {
	key := topic + "/" + user
	n.mu.Lock()
	n.calls[op]++
	if n.busy[key] && user != "" {
		n.t.Errorf("two calls at once for %s", key)
	}
	n.busy[key] = true
	trouble := n.trouble
	n.mu.Unlock()
	if trouble != nil {
		err, after = trouble(ctx, op, user)
	}
	n.mu.Lock()
	n.busy[key] = false
	return after, err
}

func (n *node) Join(ctx context.Context, topic string, m broker.Member) (broker.Change, error) {
	after, err := n.begin(ctx, "join", topic, m.User)
	defer n.mu.Unlock()
	if err != nil {
		return 0, err
	}
	p := n.topics[topic]
	if p == nil {
		p = &people{came: map[string]int{}, at: map[string]map[*node]broker.Member{}}
		n.topics[topic] = p
	}
	change := broker.Unchanged
	switch on := p.at[m.User]; {
	case on == nil:
		change = broker.Joined
		p.at[m.User] = map[*node]broker.Member{}
		p.last++
		p.came[m.User] = p.last
	default:
		for _, was := range on {
			if !bytes.Equal(was.Info, m.Info) {
				change = broker.Updated
			}
		}
	}
	p.at[m.User][n] = m
	return change, after
}

func (n *node) Leave(ctx context.Context, topic, user string) (broker.Change, error) {
	after, err := n.begin(ctx, "leave", topic, user)
	defer n.mu.Unlock()
	if err != nil {
		return 0, err
	}
	p := n.topics[topic]
	if p == nil || p.at[user] == nil {
		return broker.Unchanged, after
	}
	if delete(p.at[user], n); len(p.at[user]) > 0 {
		return broker.Unchanged, after
	}
	delete(p.at, user)
	delete(p.came, user)
	return broker.Left, after
}

func (n *node) Members(ctx context.Context, topic string, limit int) (broker.Members, error) {
	after, err := n.begin(ctx, "members", topic, "")
	defer n.mu.Unlock()
	if err != nil {
		return broker.Members{}, err
	}
	p := n.topics[topic]
	if p == nil {
		return broker.Members{}, after
	}
	ms := broker.Members{Count: len(p.at)}
	if limit == 0 {
		return ms, after
	}
	order := slices.SortedFunc(maps.Keys(p.came), func(a, b string) int { return p.came[a] - p.came[b] })
	for _, user := range order[:min(limit, len(order))] {
		m := broker.Member{User: user}
		for _, at := range p.at[user] {
			m.Info = at.Info
			m.Sessions += at.Sessions
		}
		ms.List = append(ms.List, m)
	}
	return ms, after
}

// told is what the nodes have registered for the user: the number of sessions, 0 if
// none.
func (c *cluster) told(topic, user string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	sum := 0
	if p := c.topics[topic]; p != nil {
		for _, m := range p.at[user] {
			sum += m.Sessions
		}
	}
	return sum
}

// pass lets time go by, until what is due then is done.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}
