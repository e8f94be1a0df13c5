package natsbroker

import "sync/atomic"

// Stats are counts since the broker was opened. A node gets from NATS what it follows
// and nothing else, which Received shows.
type Stats struct {
	Received uint64 // publications that came from NATS
	Holes    uint64 // how often one before another was missing
	Filled   uint64 // publications that were read from a history because they had not come
	Lost     uint64 // notices of publications that could not be delivered
	Compared uint64 // how often a stream was compared with what had come of it
	Rounds   uint64 // round trips for Follow
	Dropped  uint64 // times that Options.Buffer was full
	Asked    uint64 // questions for the newest of topics, which answer up to 1023 callers each
	Tails    uint64 // how often a stream's end was read for many topics

	// Unconfirmed are publications to topics without history that were accepted here,
	// and that NATS had not confirmed when the connection broke: they may be lost.
	Unconfirmed uint64
}

type counters struct {
	received, holes, filled, lost, compared, rounds, dropped, unconfirmed, asked, tails atomic.Uint64
}

// Stats returns the counts so far.
func (b *Broker) Stats() Stats {
	c := &b.counters
	return Stats{
		Received: c.received.Load(), Holes: c.holes.Load(), Filled: c.filled.Load(), Lost: c.lost.Load(),
		Compared: c.compared.Load(), Rounds: c.rounds.Load(), Dropped: c.dropped.Load(),
		Unconfirmed: c.unconfirmed.Load(), Asked: c.asked.Load(), Tails: c.tails.Load(),
	}
}
