package record

// checkPlain sees what holds without numbers: nothing comes twice, and, where there is
// one order, what a publisher sent after another's answer comes after it.
func (r *Run) checkPlain(s *Stream, t *truth, found *faults) {
	seen := make(map[ID]Event, len(s.Events))
	last := map[int]*Attempt{} // by publisher
	for _, e := range s.Events {
		if e.ID == 0 {
			continue
		}
		if first, again := seen[e.ID]; again {
			found.add("twice", "%s got %s at %s and at %s", s.name(), e.ID, round(first.When), round(e.When))
			continue
		}
		seen[e.ID] = e
		a := t.attempts[e.ID]
		if a == nil || !r.PlainOrder {
			continue
		}
		if before := last[e.ID.Publisher()]; before != nil && a.Outcome == Accepted && a.Done < before.Sent {
			found.add("order", "%s got [%s] after [%s] at %s", s.name(), a, before, round(e.When))
		}
		last[e.ID.Publisher()] = a
	}
}
