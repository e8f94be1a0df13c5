package brokertest_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/brokertest"
	"github.com/livetopics/live/broker/memory"
)

// cluster makes nodes of one memory broker.
func cluster(ds ...broker.Deliver) []broker.Broker {
	shared, err := memory.New(memory.Options{})(func(topic, epoch string, p *broker.Publication) {
		for _, d := range ds {
			d(topic, epoch, p)
		}
	})
	if err != nil {
		panic(err)
	}
	var nodes []broker.Broker
	all := &registry{topics: make(map[string][]registered), seen: make(map[int]time.Time)}
	for i := range ds {
		all.seen[i] = time.Now()
		nodes = append(nodes, &node{Broker: shared, id: i, all: all, own: make(map[registration]broker.Member)})
	}
	return nodes
}

// lease is how long a node is believed to live.
const lease = 500 * time.Millisecond

// node is one of several that share a broker; only presence is its own.
type node struct {
	broker.Broker
	id  int
	all *registry
	own map[registration]broker.Member // guarded by all.mu
}

type registration struct{ topic, user string }

// registry has each node's registrations, in the order in which users joined.
type registry struct {
	mu     sync.Mutex // guards topics and seen
	topics map[string][]registered
	seen   map[int]time.Time // when each node was tended last; not in it: taken for dead
}

type registered struct {
	broker.Member
	on map[int]int // sessions by node
}

func (n *node) Join(_ context.Context, topic string, m broker.Member) (broker.Change, error) {
	n.all.mu.Lock()
	defer n.all.mu.Unlock()
	n.own[registration{topic, m.User}] = m
	return n.join(topic, m), nil
}

// join does the work of Join. The registry is locked.
func (n *node) join(topic string, m broker.Member) broker.Change {
	users := n.all.topics[topic]
	i := slices.IndexFunc(users, func(r registered) bool { return r.User == m.User })
	if i < 0 {
		n.all.topics[topic] = append(users, registered{m, map[int]int{n.id: m.Sessions}})
		return broker.Joined
	}
	users[i].on[n.id] = m.Sessions
	if string(users[i].Info) == string(m.Info) {
		return broker.Unchanged
	}
	users[i].Info = m.Info
	return broker.Updated
}

func (n *node) Leave(_ context.Context, topic, user string) (broker.Change, error) {
	n.all.mu.Lock()
	defer n.all.mu.Unlock()
	delete(n.own, registration{topic, user})
	return n.all.leave(n.id, topic, user), nil
}

// leave ends a node's registration. The registry is locked.
func (all *registry) leave(node int, topic, user string) broker.Change {
	users := all.topics[topic]
	i := slices.IndexFunc(users, func(r registered) bool { return r.User == user })
	if i < 0 {
		return broker.Unchanged
	}
	delete(users[i].on, node)
	if len(users[i].on) > 0 {
		return broker.Unchanged
	}
	all.topics[topic] = slices.Delete(users, i, i+1)
	return broker.Left
}

func (n *node) Tend(ctx context.Context) (moved []broker.Moved, err error) {
	if _, err := n.Broker.Tend(ctx); err != nil {
		return nil, err
	}
	n.all.mu.Lock()
	defer n.all.mu.Unlock()
	_, alive := n.all.seen[n.id]
	now := time.Now()
	n.all.seen[n.id] = now
	for r, m := range n.own {
		if alive {
			break
		}
		if n.join(r.topic, m) == broker.Joined {
			moved = append(moved, broker.Moved{Topic: r.topic, Member: m, Change: broker.Joined})
		}
	}
	for node, seen := range n.all.seen {
		if now.Sub(seen) > lease {
			delete(n.all.seen, node)
			moved = append(moved, n.all.bury(node)...)
		}
	}
	return moved, nil
}

// bury ends the registrations of a node. The registry is locked.
func (all *registry) bury(node int) (moved []broker.Moved) {
	for topic, users := range all.topics {
		for _, u := range slices.Clone(users) {
			if _, there := u.on[node]; there && all.leave(node, topic, u.User) == broker.Left {
				moved = append(moved, broker.Moved{Topic: topic, Member: u.Member, Change: broker.Left})
			}
		}
	}
	return moved
}

func (n *node) Members(_ context.Context, topic string, limit int) (broker.Members, error) {
	n.all.mu.Lock()
	defer n.all.mu.Unlock()
	users := n.all.topics[topic]
	members := broker.Members{Count: len(users)}
	for _, u := range users[:min(limit, len(users))] {
		m := u.Member
		m.Sessions = 0
		for _, sessions := range u.on {
			m.Sessions += sessions
		}
		members.List = append(members.List, m)
	}
	return members, nil
}

func TestNodesOfOneBrokerPass(t *testing.T) {
	brokertest.RunNodes(t, func(_ *testing.T, ds ...broker.Deliver) []broker.Broker { return cluster(ds...) })
}
