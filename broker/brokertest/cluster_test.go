package brokertest_test

import (
	"context"
	"slices"
	"sync"
	"testing"

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
	all := &registry{topics: make(map[string][]registered)}
	for i := range ds {
		nodes = append(nodes, &node{Broker: shared, id: i, all: all})
	}
	return nodes
}

// node is one of several that share a broker; only presence is its own.
type node struct {
	broker.Broker
	id  int
	all *registry
}

// registry has each node's registrations, in the order in which users joined.
type registry struct {
	mu     sync.Mutex // guards topics
	topics map[string][]registered
}

type registered struct {
	broker.Member
	on map[int]int // sessions by node
}

func (n *node) Join(_ context.Context, topic string, m broker.Member) (broker.Change, error) {
	n.all.mu.Lock()
	defer n.all.mu.Unlock()
	users := n.all.topics[topic]
	i := slices.IndexFunc(users, func(r registered) bool { return r.User == m.User })
	if i < 0 {
		n.all.topics[topic] = append(users, registered{m, map[int]int{n.id: m.Sessions}})
		return broker.Joined, nil
	}
	users[i].on[n.id] = m.Sessions
	if string(users[i].Info) == string(m.Info) {
		return broker.Unchanged, nil
	}
	users[i].Info = m.Info
	return broker.Updated, nil
}

func (n *node) Leave(_ context.Context, topic, user string) (broker.Change, error) {
	n.all.mu.Lock()
	defer n.all.mu.Unlock()
	users := n.all.topics[topic]
	i := slices.IndexFunc(users, func(r registered) bool { return r.User == user })
	if i < 0 {
		return broker.Unchanged, nil
	}
	delete(users[i].on, n.id)
	if len(users[i].on) > 0 {
		return broker.Unchanged, nil
	}
	n.all.topics[topic] = slices.Delete(users, i, i+1)
	return broker.Left, nil
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
