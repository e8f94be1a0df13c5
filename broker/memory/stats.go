package memory

// Stats counts what a Broker holds.
type Stats struct {
	Topics       int   // remembered: with history, members or followers, or lingering
	Publications int   // stored; some may have expired a moment ago
	Bytes        int64 // of memory that the publications take, with what has gone of their segments
}

// Stats returns what the broker holds now. It takes each of the broker's locks
// for a moment, one after the other.
func (b *Broker) Stats() Stats {
	st := Stats{Bytes: b.bytes.Load()}
	for i := range b.stripes {
		s := &b.stripes[i]
		s.mu.Lock()
		st.Topics += len(s.topics)
		st.Publications += s.stored
		s.mu.Unlock()
	}
	return st
}
