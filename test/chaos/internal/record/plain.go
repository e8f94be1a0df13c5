package record

import (
	"slices"
	"time"
)

// moving reports whether the subscriber was moving.
func (s *Stream) moving(when time.Duration) bool {
	return slices.ContainsFunc(s.Moves, func(m [2]time.Duration) bool { return m[0] <= when && when <= m[1] })
}

// checkPlain sees what holds without numbers: nothing comes twice on one connection, and, where there is
// one order, what a publisher sent after another's answer comes after it.
func (r *Run) checkPlain(s *Stream, t *truth, found *faults) {
	seen := make(map[ID]Event, len(s.Events))
	last := map[int]*Attempt{} // by publisher
	for _, e := range s.Events {
		if e.ID == 0 { // another connection, perhaps to a node that is behind
			clear(seen)
			clear(last)
			continue
		}
		if first, again := seen[e.ID]; again {
			if s.moving(e.When) {
				continue
			}
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

// Plain counts what no rule forbids on topics without history: the acknowledged
// publications that subscribers who were there from before to the end did not get, and
// those that came twice, from two connections.
func (r *Run) Plain() (missed, twice int) {
	for _, s := range r.Streams {
		if !s.Plain || !s.Live {
			continue
		}
		got := make(map[ID]int, len(s.Events))
		for _, e := range s.Events {
			if got[e.ID]++; got[e.ID] == 2 && e.ID != 0 {
				twice++
			}
		}
		for i := range r.Attempts {
			a := &r.Attempts[i]
			if a.Topic == s.Topic && a.Outcome == Accepted && a.Sent > s.Since && got[a.ID] == 0 {
				missed++
			}
		}
	}
	return missed, twice
}
