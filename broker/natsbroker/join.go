package natsbroker

import (
	"bytes"
	"context"

	"github.com/livetopics/live/broker"
)

// Join takes one round trip, mostly: the registration is written if it is as this node
// knows it, and read only if it is not.
func (b *Broker) Join(ctx context.Context, topic string, m broker.Member) (broker.Change, error) {
	if err := b.enter(ctx); err != nil {
		return broker.Unchanged, err
	}
	m.Info = bytes.Clone(m.Info)
	if string(m.Info) == "null" {
		m.Info = nil
	}
	p := &b.presence
	shared, err := p.ready(ctx)
	if err != nil {
		return broker.Unchanged, b.outcome(err)
	}
	if !shared {
		return p.local.join(topic, m), nil
	}
	if err := p.live(ctx); err != nil {
		return broker.Unchanged, b.outcome(err)
	}
	c, err := p.join(ctx, registration{topic, m.User}, m)
	return c, b.outcome(err)
}

// join registers a user.
func (p *presence) join(ctx context.Context, r registration, m broker.Member) (broker.Change, error) {
	p.mu.Lock()
	own := p.own[r]
	if own == nil {
		own = &owned{entry: entry{Topic: r.topic, User: r.user}}
		p.own[r] = own
	}
	own.member = m
	e, rev, node, former := own.entry, own.rev, p.lease.node, p.lease.former
	_, unsure := p.unsure[r]
	p.mu.Unlock()
	if rev == 0 {
		e = entry{Topic: r.topic, User: r.user}
	}
	c, e, rev, err := p.change(ctx, r, e, rev, !unsure, func(e *entry) (broker.Change, bool) {
		return e.join(node, former, m)
	})
	p.mu.Lock()
	own.entry, own.rev = e, rev
	p.mu.Unlock()
	return c, err
}

// join puts a node's sessions into the entry; former is what the node was called
// before it was taken for dead.
func (e *entry) join(node, former string, m broker.Member) (broker.Change, bool) {
	change := broker.Unchanged
	switch {
	case len(e.Nodes) == 0:
		change, e.First, e.Nodes = broker.Joined, 0, make(map[string]int)
	case !bytes.Equal(e.Info, m.Info):
		change = broker.Updated
	}
	delete(e.Nodes, former)
	e.Nodes[node], e.Info = m.Sessions, m.Info
	return change, true
}

// Leave takes one round trip, mostly, as Join does.
func (b *Broker) Leave(ctx context.Context, topic, user string) (broker.Change, error) {
	if err := b.enter(ctx); err != nil {
		return broker.Unchanged, err
	}
	p := &b.presence
	shared, err := p.ready(ctx)
	if err != nil {
		return broker.Unchanged, b.outcome(err)
	}
	if !shared {
		return p.local.leave(topic, user), nil
	}
	c, err := p.leave(ctx, registration{topic, user})
	return c, b.outcome(err)
}

// leave ends this node's registration.
func (p *presence) leave(ctx context.Context, r registration) (broker.Change, error) {
	p.mu.Lock()
	own, node, former := p.own[r], p.lease.node, p.lease.former
	delete(p.own, r)
	_, unsure := p.unsure[r]
	p.mu.Unlock()
	var e entry
	var rev uint64
	if own != nil {
		e, rev = own.entry, own.rev
	}
	c, _, _, err := p.change(ctx, r, e, rev, rev > 0 && !unsure, func(e *entry) (broker.Change, bool) {
		return e.leave(node, former)
	})
	return c, err
}

// leave takes a node's sessions out of the entry.
func (e *entry) leave(nodes ...string) (broker.Change, bool) {
	had := len(e.Nodes)
	for _, n := range nodes {
		delete(e.Nodes, n)
	}
	switch len(e.Nodes) {
	case had:
		return broker.Unchanged, false
	case 0:
		return broker.Left, true
	}
	return broker.Unchanged, true
}
