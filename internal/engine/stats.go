package engine

import "sync/atomic"

// counters are one loop's. They are written by the loop alone, and read by anybody.
type counters struct {
	opened, closed      atomic.Uint64
	messagesIn, bytesIn atomic.Uint64
	delivered, writes   atomic.Uint64
	bytesOut            atomic.Uint64
	tooSlow, dead       atomic.Uint64
	dropped, replayed   atomic.Uint64
}

// Stats are counts since the engine began, but for the first three, which are of now.
type Stats struct {
	Connections   int // open, including those whose end the Handler has not been told
	Topics        int // with at least one subscriber
	Subscriptions int // of all connections together

	Opened     uint64 // connections
	MessagesIn uint64 // text and binary messages received
	BytesIn    uint64 // received after the handshake
	Delivered  uint64 // frames handed to a socket or its queue
	Writes     uint64 // system calls that wrote them
	BytesOut   uint64 // sent after the handshake
	TooSlow    uint64 // connections ended with CloseTooSlow
	Dead       uint64 // connections ended because the peer fell silent
	Dropped    uint64 // frames that DropOldest and KeepLatest took out of queues
	Replayed   uint64 // subscriptions that Replay put behind
}

// Stats adds up the counters of all loops. It takes every stripe's lock for a moment.
func (e *Engine) Stats() Stats {
	var s Stats
	for _, l := range e.loops {
		c := &l.stats
		ended := c.closed.Load() // first: never more than opened
		s.Opened += c.opened.Load()
		s.Connections += int(c.opened.Load() - ended)
		s.MessagesIn += c.messagesIn.Load()
		s.BytesIn += c.bytesIn.Load()
		s.Delivered += c.delivered.Load()
		s.Writes += c.writes.Load()
		s.BytesOut += c.bytesOut.Load()
		s.TooSlow += c.tooSlow.Load()
		s.Dead += c.dead.Load()
		s.Dropped += c.dropped.Load()
		s.Replayed += c.replayed.Load()
	}
	for i := range e.route.stripes {
		e.route.stripes[i].addTo(&s)
	}
	e.route.wild.addTo(&s)
	return s
}

// addTo counts topics and their subscriptions.
func (st *stripe) addTo(s *Stats) {
	st.mu.Lock()
	defer st.mu.Unlock()
	s.Topics += len(st.topics)
	for _, t := range st.topics {
		for _, sh := range t.shards {
			s.Subscriptions += int(sh.count)
		}
	}
}
