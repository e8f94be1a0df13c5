package main

import (
	"fmt"
	"sync/atomic"
)

// counts are what happened in a run.
type counts struct {
	publications, acknowledged, unknown, refused atomic.Int64
	deliveries, recovered, losses                atomic.Int64
	reconnects, closedSlow, drained              atomic.Int64
	cuts, pauses, kills, leaves, stops, broker   atomic.Int64
	clients                                      atomic.Int64
}

// String is all of them, in three lines.
func (c *counts) String() string {
	return fmt.Sprintf("  %d publications: %d acknowledged, %d unknown, %d refused; %d deliveries, %d of them recovered; %d losses announced\n"+
		"  %d clients, %d reconnects, %d of them drained, %d closed as too slow\n"+
		"  %d connections cut, %d paused; nodes: %d killed, %d left, %d stopped; %d broker faults",
		c.publications.Load(), c.acknowledged.Load(), c.unknown.Load(), c.refused.Load(),
		c.deliveries.Load(), c.recovered.Load(), c.losses.Load(),
		c.clients.Load(), c.reconnects.Load(), c.drained.Load(), c.closedSlow.Load(),
		c.cuts.Load(), c.pauses.Load(), c.kills.Load(), c.leaves.Load(), c.stops.Load(), c.broker.Load())
}
