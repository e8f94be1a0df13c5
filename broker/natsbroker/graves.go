package natsbroker

import (
	"context"
	"sync"
	"time"
)

// How graves are cleared.
const (
	gravesMost   = 1 << 16 // that are remembered; others are found by a scan
	clearAtOnce  = 64
	sweepFor     = time.Second // each time the node is tended
	forgottenFor = time.Minute // then others than who left clear a grave
)

// grave is a message of presence that nobody needs any more: it says that a user has
// left, or has been kept by a server alone. All up to it is purged on all servers. It has
// no Nats-TTL, for a server that is away while that passes, or that had removed what the
// message replaced and loses it by being killed, would show the user for ever.
type grave struct {
	subject string
	seq     uint64
}

// graves are those that this node clears.
type graves struct {
	mu  sync.Mutex // guards all
	all []grave
}

func (g *graves) add(one grave) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.all) < gravesMost {
		g.all = append(g.all, one)
	}
}

func (g *graves) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.all)
}

// take returns one that is to be cleared.
func (g *graves) take() (one grave, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.all) == 0 {
		g.all = nil
		return one, false
	}
	one = g.all[0]
	g.all = g.all[1:]
	return one, true
}

// sweep purges what is known to be left, for a moment. What is not done is for the next
// time.
func (p *presence) sweep(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, sweepFor)
	defer cancel()
	var run sync.WaitGroup
	for range min(p.graves.count(), clearAtOnce) {
		run.Go(func() { p.clear(ctx) }) // owner: this call, which waits for it; ends when none is left or ctx ends
	}
	run.Wait()
}

// clear purges one after the other.
func (p *presence) clear(ctx context.Context) {
	for ctx.Err() == nil {
		g, ok := p.graves.take()
		if !ok {
			return
		}
		if err := p.purge(ctx, g); err != nil {
			p.graves.add(g)
			p.b.opts.Logger.Debug("natsbroker: who has left is not cleared away yet", "error", err)
			return
		}
	}
}

// purge removes all of a subject up to a number, on all servers. Whoever has joined
// since has another.
func (p *presence) purge(ctx context.Context, g grave) error {
	err := p.b.api(ctx, "STREAM.PURGE."+p.stream(), map[string]any{"filter": g.subject, "seq": g.seq + 1}, nil)
	if is(err, codeNoStream) {
		return nil // and no grave
	}
	return err
}
