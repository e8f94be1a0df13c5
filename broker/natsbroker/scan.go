package natsbroker

import (
	"context"
	"time"

	"github.com/livetopics/live/broker"
)

// How registrations are looked through.
const (
	scanPages = 8 // of mostAtOnce, each time the node is tended
	scanFor   = time.Second
)

// scan looks for registrations that nobody ends: of nodes that have no lease, not even
// one that has run out, because they were written after the node was buried; those of
// this node that it does not know of; and for graves that nobody clears. It goes
// through all of them, some each time, and begins anew no more than once a lease.
// The fields are guarded by presence.mu.
type scan struct {
	next  uint64 // the number to go on with; 0: it is through
	begun time.Time
}

// look goes on looking through the registrations. known are the nodes that have a lease.
func (p *presence) look(ctx context.Context, known map[string]uint64) (moved []broker.Moved, err error) {
	now := time.Now()
	p.mu.Lock()
	s := &p.scan
	if s.next == 0 && now.Sub(s.begun) >= p.b.opts.Lease {
		s.next, s.begun = 1, now
	}
	next := s.next
	p.mu.Unlock()
	strays := make(map[string]bool)
	for page := 0; next > 0 && page < scanPages && time.Since(now) < scanFor; page++ {
		found, e := p.b.direct(ctx, p.stream(), getRequest{Seq: next, Next: p.b.subjects.present + ">", Batch: mostAtOnce})
		if e != nil {
			err = e
			break
		}
		for _, m := range found.messages {
			next = m.seq + 1
			left, e := p.inspect(ctx, m, known, strays)
			moved = append(moved, left...)
			if e != nil {
				return moved, e // the page is looked at again
			}
		}
		if found.pending == 0 || len(found.messages) == 0 {
			next = 0
		}
	}
	p.mu.Lock()
	p.scan.next = next
	p.mu.Unlock()
	for node := range strays {
		if e := p.buryStray(ctx, node); e != nil {
			return moved, e
		}
	}
	return moved, err
}

// inspect looks at one registration.
func (p *presence) inspect(ctx context.Context, m stored, known map[string]uint64, strays map[string]bool) ([]broker.Moved, error) {
	e := parseEntry(m)
	if len(e.Nodes) == 0 {
		if time.Since(m.at) > forgottenFor {
			p.graves.add(grave{m.subject, m.seq})
		}
		return nil, nil
	}
	r := registration{e.Topic, e.User}
	p.mu.Lock()
	own, owns := p.lease.node, p.own[r] != nil
	for node := range e.Nodes {
		_, burying := p.burying[node]
		if _, ok := known[node]; !ok && !burying && node != own {
			strays[node] = true
		}
	}
	p.mu.Unlock()
	if _, here := e.Nodes[own]; here && !owns {
		return p.disown(ctx, m, &e, own)
	}
	return nil, nil
}

// disown ends a registration of this node's that it does not know of: it left, and
// nobody answered.
func (p *presence) disown(ctx context.Context, m stored, e *entry, node string) ([]broker.Moved, error) {
	r := registration{e.Topic, e.User}
	return p.remove(ctx, m, e, func(e *entry) (broker.Change, bool) {
		p.mu.Lock()
		owns := p.own[r] != nil
		p.mu.Unlock()
		if owns {
			return broker.Unchanged, false // it has joined meanwhile
		}
		return e.leave(node)
	})
}

// buryStray has a node be cleared away after that has no lease, if the leader says so
// too.
func (p *presence) buryStray(ctx context.Context, node string) error {
	_, err := p.b.get(ctx, p.stream(), getRequest{Last: p.b.subjects.lease + node})
	if err == nil {
		return nil
	}
	if !is(err, codeNotFound) {
		return err
	}
	return p.bereave(ctx, node, 0)
}
