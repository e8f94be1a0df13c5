package presence

// Holds is how many topics, members and sessions the tracker has in memory.
func (t *Tracker) Holds() (n int) {
	for i := range t.stripes {
		s := &t.stripes[i]
		s.mu.Lock()
		n += len(s.rolls) + len(s.members) + len(s.sessions)
		s.mu.Unlock()
	}
	return n
}
