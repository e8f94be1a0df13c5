package redisbroker

import "sync/atomic"

// Stats counts what a Broker has seen since it was opened.
type Stats struct {
	Received int64 // publications that came from the server, by a topic's name or a wildcard
	Stray    int64 // of these, those that nothing was followed for any more
	Holes    int64 // times that a followed topic was found to miss some, and was read
	Filled   int64 // publications that were read from history and delivered
	Lost     int64 // publications that were announced as lost
	Resyncs  int64 // topics compared with what is stored, after a reconnect and from time to time
	Epochs   int64 // times that a followed topic was found in another epoch
}

// counts are the counters behind Stats.
type counts struct {
	received, stray, holes, filled, lost, resyncs, epochs atomic.Int64
}

// Stats returns the counters. It does not block.
func (b *Broker) Stats() Stats {
	c := &b.counts
	return Stats{
		Received: c.received.Load(), Stray: c.stray.Load(), Holes: c.holes.Load(),
		Filled: c.filled.Load(), Lost: c.lost.Load(), Resyncs: c.resyncs.Load(), Epochs: c.epochs.Load(),
	}
}
