package brokertest

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/livetopics/live/broker"
)

// registry has the registrations of a Cluster's nodes, in the order in which users
// joined.
type registry struct {
	mu     sync.Mutex // guards the fields below
	topics map[string][]registered
	alive  map[int]time.Time // when each node was tended last; not in it: taken for dead
}

type registered struct {
	broker.Member
	on map[int]int // sessions by node
}

func newRegistry() *registry {
	return &registry{topics: make(map[string][]registered), alive: make(map[int]time.Time)}
}

func (r *registry) seen(node int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.alive[node] = time.Now()
}

func (r *registry) find(topic, user string) int {
	return slices.IndexFunc(r.topics[topic], func(one registered) bool { return one.User == user })
}

// join does the work of Join. r.mu is held.
func (r *registry) join(node int, topic string, m broker.Member) broker.Change {
	i := r.find(topic, m.User)
	if i < 0 {
		r.topics[topic] = append(r.topics[topic], registered{m, map[int]int{node: m.Sessions}})
		return broker.Joined
	}
	one := &r.topics[topic][i]
	one.on[node] = m.Sessions
	if bytes.Equal(one.Info, m.Info) {
		return broker.Unchanged
	}
	one.Info = m.Info
	return broker.Updated
}

// leave does the work of Leave. r.mu is held.
func (r *registry) leave(node int, topic, user string) broker.Change {
	i := r.find(topic, user)
	if i < 0 {
		return broker.Unchanged
	}
	one := &r.topics[topic][i]
	delete(one.on, node)
	if len(one.on) > 0 {
		return broker.Unchanged
	}
	r.topics[topic] = slices.Delete(r.topics[topic], i, i+1)
	return broker.Left
}

// bury ends the registrations of a node. r.mu is held.
func (r *registry) bury(node int) (moved []broker.Moved) {
	for topic, users := range r.topics {
		for _, u := range slices.Clone(users) {
			if _, there := u.on[node]; there && r.leave(node, topic, u.User) == broker.Left {
				moved = append(moved, broker.Moved{Topic: topic, Member: u.Member, Change: broker.Left})
			}
		}
	}
	return moved
}

func (n *clusterNode) Join(ctx context.Context, topic string, m broker.Member) (broker.Change, error) {
	if _, err := n.begin(ctx); err != nil {
		return broker.Unchanged, err
	}
	if m.Info = bytes.Clone(m.Info); string(m.Info) == "null" {
		m.Info = nil
	}
	r := n.cluster.roll
	r.mu.Lock()
	defer r.mu.Unlock()
	n.own[registration{topic, m.User}] = m
	return r.join(n.id, topic, m), nil
}

func (n *clusterNode) Leave(ctx context.Context, topic, user string) (broker.Change, error) {
	if _, err := n.begin(ctx); err != nil {
		return broker.Unchanged, err
	}
	r := n.cluster.roll
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(n.own, registration{topic, user})
	return r.leave(n.id, topic, user), nil
}

func (n *clusterNode) Members(ctx context.Context, topic string, limit int) (broker.Members, error) {
	if _, err := n.begin(ctx); err != nil {
		return broker.Members{}, err
	}
	r := n.cluster.roll
	r.mu.Lock()
	defer r.mu.Unlock()
	users := r.topics[topic]
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

func (n *clusterNode) Tend(ctx context.Context) (moved []broker.Moved, err error) {
	if _, err := n.begin(ctx); err != nil {
		return nil, err
	}
	r := n.cluster.roll
	r.mu.Lock()
	defer r.mu.Unlock()
	_, alive := r.alive[n.id]
	now := time.Now()
	r.alive[n.id] = now
	for at, m := range n.own {
		if !alive && r.join(n.id, at.topic, m) == broker.Joined {
			moved = append(moved, broker.Moved{Topic: at.topic, Member: m, Change: broker.Joined})
		}
	}
	for node, seen := range r.alive {
		if now.Sub(seen) > n.cluster.lease {
			delete(r.alive, node)
			moved = append(moved, r.bury(node)...)
		}
	}
	return moved, nil
}
