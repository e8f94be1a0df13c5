package natsbroker

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/livetopics/live/broker"
)

// burials are the nodes that this one has seen, and those it clears away after. Their
// fields are guarded by presence.mu.
type burials struct {
	seen    map[string]sighting
	tended  time.Time // when leases were read last
	burying map[string]burial
	scan    scan
}

// burial is of a node that is dead.
type burial struct {
	at    uint64 // the number of the lease's message that says so
	clean bool   // nothing of it was found, once
}

func (b *burials) init() {
	b.seen, b.burying = make(map[string]sighting), make(map[string]burial)
}

// watch reads all leases, and clears away what nodes had that are dead.
func (p *presence) watch(ctx context.Context) ([]broker.Moved, error) {
	leases, err := p.leases(ctx)
	if err != nil {
		return nil, err
	}
	for node, rev := range p.dead(leases, time.Now()) {
		if err := p.bereave(ctx, node, rev); err != nil {
			return nil, err
		}
	}
	moved, err := p.bury(ctx)
	if err != nil {
		return moved, err
	}
	more, err := p.look(ctx, leases)
	if err != nil {
		p.b.opts.Logger.Debug("natsbroker: not all registrations are looked through yet", "error", err)
	}
	return append(moved, more...), nil
}

// bereave writes down that a node is dead, in place of the lease of that number, and
// begins to clear away after it. If its lease is another by now nothing happens.
func (p *presence) bereave(ctx context.Context, node string, rev uint64) error {
	p.mu.Lock()
	own := p.lease.node
	p.mu.Unlock()
	at, err := p.note(ctx, node, leaseNote{Node: node, Buried: own}, rev)
	if is(err, codeWrongLast, codeWrongLastTerm) {
		return p.outlived(ctx, node, rev) // it lives, or another was quicker
	}
	if err != nil {
		return err
	}
	p.b.opts.Logger.Info("natsbroker: a node is gone; its members leave", "node", node)
	p.mu.Lock()
	p.burying[node] = burial{at: at}
	p.mu.Unlock()
	return nil
}

// outlived has a lease be removed from the server that showed it, if the leader has none.
func (p *presence) outlived(ctx context.Context, node string, rev uint64) error {
	subject := p.b.subjects.lease + node
	_, err := p.b.get(ctx, p.stream(), getRequest{Last: subject})
	if is(err, codeNotFound) {
		p.graves.add(grave{subject, rev})
		return nil
	}
	return err
}

// leases reads all leases: the number of each one's message.
func (p *presence) leases(ctx context.Context) (map[string]uint64, error) {
	all := make(map[string]uint64)
	for seq := uint64(1); ; {
		found, err := p.b.direct(ctx, p.stream(), getRequest{Seq: seq, Next: p.b.subjects.lease + "*", Batch: mostAtOnce})
		if err != nil {
			return nil, err
		}
		for _, m := range found.messages {
			var n leaseNote
			if json.Unmarshal(m.data, &n) == nil {
				all[n.Node] = m.seq
			}
			seq = m.seq + 1
		}
		if found.pending == 0 || len(found.messages) == 0 {
			return all, nil
		}
	}
}

// dead returns the nodes whose leases have not changed for too long, with the numbers
// of their messages. Of the time between two looks only a third of a lease counts: this
// node may have been held up, or no server been there, and then others could not renew
// theirs either. So who was well before is not dead at the first look after it; and who
// looks slowly each time still finds the dead.
func (p *presence) dead(leases map[string]uint64, now time.Time) map[string]uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	lease := p.b.opts.Lease
	passed := min(now.Sub(p.tended), lease/3)
	p.tended = now
	seen, dead := make(map[string]sighting, len(leases)), make(map[string]uint64)
	for node, rev := range leases {
		s, known := p.seen[node]
		if known && rev <= s.rev {
			s.still += passed
		} else {
			s = sighting{rev: rev}
		}
		seen[node] = s
		if _, already := p.burying[node]; node != p.lease.node && !already && s.still >= lease {
			dead[node] = rev
		}
	}
	p.seen = seen
	return dead
}

// bury takes dead nodes out of all entries. It looks once more the next time before it
// is done with a node: a server that was behind may not have shown all.
func (p *presence) bury(ctx context.Context) (moved []broker.Moved, err error) {
	p.mu.Lock()
	left := make(map[string]int, len(p.burying))
	for node := range p.burying {
		left[node] = 0
	}
	p.mu.Unlock()
	if len(left) == 0 {
		return nil, nil
	}
	for seq := uint64(1); ; {
		found, err := p.b.direct(ctx, p.stream(), getRequest{Seq: seq, Next: p.b.subjects.present + ">", Batch: mostAtOnce})
		if err != nil {
			return moved, err
		}
		for _, m := range found.messages {
			seq = m.seq + 1
			mv, err := p.takeOut(ctx, m, left)
			if err != nil {
				return moved, err
			}
			moved = append(moved, mv...)
		}
		if found.pending == 0 || len(found.messages) == 0 {
			break
		}
	}
	return moved, p.buried(ctx, left)
}

// takeOut takes the dead nodes out of one entry.
func (p *presence) takeOut(ctx context.Context, m stored, left map[string]int) (moved []broker.Moved, err error) {
	e := parseEntry(m)
	var nodes []string
	for node := range e.Nodes {
		if _, dead := left[node]; dead {
			nodes = append(nodes, node)
			left[node]++
		}
	}
	if len(nodes) == 0 {
		return nil, nil
	}
	return p.remove(ctx, m, &e, func(e *entry) (broker.Change, bool) { return e.leave(nodes...) })
}

// remove changes an entry as a server showed it, and returns who left thereby. One that
// the leader does not have is removed from the server.
func (p *presence) remove(ctx context.Context, m stored, e *entry, alter func(*entry) (broker.Change, bool)) ([]broker.Moved, error) {
	r := registration{e.Topic, e.User}
	member := e.member()
	p.mu.Lock()
	_, unsure := p.unsure[r] // only the leader tells what came of it
	p.mu.Unlock()
	change, _, rev, err := p.change(ctx, r, *e, m.seq, !unsure, func(e *entry) (broker.Change, bool) {
		if len(e.Nodes) > 0 {
			member = e.member()
		}
		return alter(e)
	})
	if err != nil {
		return nil, err
	}
	if rev == 0 {
		p.graves.add(grave{m.subject, m.seq})
	}
	if change != broker.Left {
		return nil, nil
	}
	return []broker.Moved{{Topic: r.topic, Member: member, Change: change}}, nil
}

// buried removes the leases of the nodes of which nothing was left, two times in a row.
func (p *presence) buried(ctx context.Context, left map[string]int) error {
	for node, n := range left {
		p.mu.Lock()
		b := p.burying[node]
		if n > 0 || !b.clean {
			p.burying[node] = burial{b.at, n == 0}
			p.mu.Unlock()
			continue
		}
		p.mu.Unlock()
		err := p.purge(ctx, grave{p.b.subjects.lease + node, b.at})
		var refused *apiError // it is for the next scan
		if err != nil && !errors.As(err, &refused) {
			return err
		}
		p.mu.Lock()
		delete(p.burying, node)
		p.mu.Unlock()
	}
	return nil
}
