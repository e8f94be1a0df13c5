package main

import (
	"context"
	"time"
)

// between is how long a rolling restart waits before the next node.
const between = time.Second

// roll restarts the nodes one after the other, each at least once, until the duration is
// over. Nobody may be refused: no attempt to connect may fail, and no connection end but
// by a clean close.
func (r *round) roll(ctx context.Context) {
	wait(ctx, between)
	for i := 0; ctx.Err() == nil && (i < len(r.cluster.Nodes) || r.now()-r.loaded < r.o.duration); i++ {
		n := r.cluster.Nodes[i%len(r.cluster.Nodes)]
		r.say("%s is told to leave", n.Name)
		r.counts.leaves.Add(1)
		began := r.now()
		if err := n.Terminate(leaveWithin, r.cluster.Nodes[(i+1)%len(r.cluster.Nodes)]); err != nil {
			r.found("leave", "%v", err)
		}
		r.say("%s has left after %s", n.Name, (r.now() - began).Round(time.Millisecond))
		starting, cancel := context.WithTimeout(ctx, restartWithin)
		if err := n.Start(starting); err != nil {
			r.found("start", "%v", err)
		}
		if err := r.cluster.Ready(starting); err != nil {
			r.found("start", "%v", err)
		}
		cancel()
		r.say("%s is back after %s", n.Name, (r.now() - began).Round(time.Millisecond))
		wait(ctx, between)
	}
	for _, s := range r.crowd.all() {
		r.refused(&s.connections)
	}
	for _, p := range r.pubs {
		r.refused(&p.connections)
	}
}

// refused finds fault with connections that did not end cleanly, and those not made.
func (r *round) refused(c *connections) {
	for _, e := range c.endings() {
		if !e.clean() {
			r.found("refused", "%s: %s", c.name, e)
		}
	}
}
