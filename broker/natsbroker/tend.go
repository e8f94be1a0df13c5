package natsbroker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/livetopics/live/broker"
)

// restoreAtOnce is how many registrations are written anew at a time.
const restoreAtOnce = 16

// lease is this node's. A node that was taken for dead goes on under another name, so
// that those who clear away what it had do not take what it has.
type lease struct {
	node, former string
	rev          uint64                // the number of its message; 0: not written yet
	restore      map[registration]bool // what has to be registered anew
}

// leaseNote is a lease as it is written down. It says nothing of time: each node sees
// for itself how long it stays the same.
type leaseNote struct {
	Node   string `json:"node"`
	Buried string `json:"buried,omitempty"` // by that node
}

// Tend tells that this node lives, and clears away nodes that do not. A node is taken
// for dead whose lease was seen not to change for Options.Lease, by somebody who was
// able to see it all that time.
func (b *Broker) Tend(ctx context.Context) ([]broker.Moved, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	p := &b.presence
	shared, err := p.ready(ctx)
	if err != nil || !shared {
		return nil, b.outcome(err)
	}
	moved, err := p.renew(ctx)
	if err == nil {
		var more []broker.Moved
		more, err = p.watch(ctx)
		moved = append(moved, more...)
	}
	if err == nil {
		p.sweep(ctx)
	}
	if len(moved) > 0 && err != nil {
		b.opts.Logger.Warn("natsbroker: presence is tended in part", "error", err)
		return moved, nil // what moved is told once
	}
	return moved, b.outcome(err)
}

// live writes the lease if it is not there yet.
func (p *presence) live(ctx context.Context) error {
	p.mu.Lock()
	rev := p.lease.rev
	p.mu.Unlock()
	if rev != 0 {
		return nil
	}
	return p.writeLease(ctx)
}

// writeLease writes the lease, if it is as it was.
func (p *presence) writeLease(ctx context.Context) error {
	p.mu.Lock()
	node, rev := p.lease.node, p.lease.rev
	p.mu.Unlock()
	at, err := p.note(ctx, node, leaseNote{Node: node}, rev)
	if err != nil && !is(err, codeWrongLast, codeWrongLastTerm) {
		return err
	}
	if err != nil {
		m, e := p.b.get(ctx, p.stream(), getRequest{Last: p.b.subjects.lease + node})
		var note leaseNote
		if e != nil && !is(e, codeNotFound) {
			return e
		}
		if e != nil || json.Unmarshal(m.data, &note) != nil || note.Buried != "" {
			return errBuried
		}
		at = m.seq // nobody said that it was written, but it was
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lease.node == node {
		p.lease.rev = max(at, p.lease.rev)
	}
	return nil
}

// errBuried says that others took this node for dead.
var errBuried = errors.New("natsbroker: this node was taken for dead")

// note writes a lease in place of the message of that number.
func (p *presence) note(ctx context.Context, node string, n leaseNote, rev uint64) (uint64, error) {
	data, err := json.Marshal(n)
	if err != nil {
		return 0, fmt.Errorf("natsbroker: failed to encode a lease: %w", err)
	}
	return p.store(ctx, &nats.Msg{Subject: p.b.subjects.lease + node, Data: data, Header: nats.Header{
		"Nats-Expected-Last-Subject-Sequence": {strconv.FormatUint(rev, 10)},
	}})
}

// renew renews the lease. If others took this node for dead, it registers anew what it
// has.
func (p *presence) renew(ctx context.Context) ([]broker.Moved, error) {
	p.mu.Lock()
	rev := p.lease.rev
	p.mu.Unlock()
	if rev != 0 {
		err := p.writeLease(ctx)
		if errors.Is(err, errBuried) {
			p.b.opts.Logger.Warn("natsbroker: other nodes took this one for dead; its members are registered anew")
			p.revive()
			err = p.writeLease(ctx)
		}
		if err != nil {
			return nil, err
		}
	}
	return p.restoreAll(ctx)
}

// revive gives the node another name.
func (p *presence) revive() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lease.former, p.lease.node, p.lease.rev = p.lease.node, newNode(), 0
	p.lease.restore = make(map[registration]bool)
	for r, own := range p.own {
		p.lease.restore[r], own.rev = true, 0
	}
}

// restoreAll registers anew what others took away.
func (p *presence) restoreAll(ctx context.Context) ([]broker.Moved, error) {
	p.mu.Lock()
	todo := slices.Collect(maps.Keys(p.lease.restore))
	p.mu.Unlock()
	var (
		mu    sync.Mutex // guards todo, moved and first
		moved []broker.Moved
		first error
		run   sync.WaitGroup
	)
	work := func() {
		for {
			mu.Lock()
			if len(todo) == 0 || first != nil {
				mu.Unlock()
				return
			}
			r := todo[0]
			todo = todo[1:]
			mu.Unlock()
			m, joined, err := p.restoreOne(ctx, r)
			mu.Lock()
			if err != nil {
				first = err
			} else if joined {
				moved = append(moved, broker.Moved{Topic: r.topic, Member: m, Change: broker.Joined})
			}
			mu.Unlock()
		}
	}
	for range min(restoreAtOnce, len(todo)) {
		run.Go(work) // owner: this call, which waits for it; ends when all is done
	}
	run.Wait()
	if len(moved) > 0 && first != nil {
		return moved, nil // the rest is for the next time
	}
	return moved, first
}

func (p *presence) restoreOne(ctx context.Context, r registration) (m broker.Member, joined bool, err error) {
	p.mu.Lock()
	own := p.own[r]
	if own != nil {
		m = own.member
	}
	p.mu.Unlock()
	change := broker.Unchanged
	if own != nil {
		if change, err = p.join(ctx, r, m); err != nil {
			return m, false, err
		}
	}
	p.mu.Lock()
	delete(p.lease.restore, r)
	p.mu.Unlock()
	return m, change == broker.Joined, nil
}

// sighting is a lease as it was seen last, and for how long it was seen not to change.
type sighting struct {
	rev   uint64
	still time.Duration
}
