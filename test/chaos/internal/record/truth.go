package record

import (
	"cmp"
	"slices"
)

// truth is what is known of all publications, from publishers and subscribers together.
type truth struct {
	topics   map[string]*topicTruth
	attempts map[ID]*Attempt
	mayLose  bool
}

// topicTruth is what is known of a topic.
type topicTruth struct {
	attempts map[ID]*Attempt // of all topics
	mayLose  bool
	ids      map[Position]ID
	places   map[made]Position
	numbered map[string][]numbered // by epoch, in order
}

// made is a publication as it was accepted. A broker that loses what it has forgets what
// it accepted too: one whose answer was lost may be made again then, in the new epoch.
type made struct {
	id    ID
	epoch string // "" where nothing may get lost
}

func (t *topicTruth) made(id ID, at Position) made {
	if t.mayLose {
		return made{id, at.Epoch}
	}
	return made{id: id}
}

// numbered is a publication and its number.
type numbered struct {
	seq uint64
	id  ID
}

// truth puts together what is known, and finds what does not go together.
func (r *Run) truth(found *faults) *truth {
	t := &truth{topics: map[string]*topicTruth{}, attempts: make(map[ID]*Attempt, len(r.Attempts)), mayLose: r.MayLose}
	for i := range r.Attempts {
		a := &r.Attempts[i]
		t.attempts[a.ID] = a
		if a.Outcome == Accepted && a.At.Epoch != "" {
			t.topic(a.Topic).place(a.ID, a.At, "its publisher was told", found)
		}
	}
	for _, s := range r.Streams {
		for _, e := range s.Events {
			if e.ID == 0 || !t.published(s, e, found) || s.Plain {
				continue
			}
			t.topic(s.Topic).place(e.ID, e.At, s.Who+" got it", found)
		}
	}
	for _, topic := range t.topics {
		topic.sort()
	}
	return t
}

func (t *truth) topic(name string) *topicTruth {
	topic := t.topics[name]
	if topic == nil {
		topic = &topicTruth{
			attempts: t.attempts, mayLose: t.mayLose,
			ids: map[Position]ID{}, places: map[made]Position{}, numbered: map[string][]numbered{},
		}
		t.topics[name] = topic
	}
	return topic
}

// published sees that somebody published what came, and was not refused.
func (t *truth) published(s *Stream, e Event, found *faults) bool {
	a := t.attempts[e.ID]
	switch {
	case a == nil:
		found.add("invented", "%s got %s at %s, which nobody published", s.name(), e.ID, e.At)
		return false
	case a.Topic != s.Topic:
		found.add("invented", "%s got %s at %s, which was published to %s", s.name(), e.ID, e.At, a.Topic)
		return false
	case a.Outcome == Refused:
		found.add("refused", "%s got %s at %s, which was refused: %s", s.name(), e.ID, e.At, a)
	}
	return true
}

// place notes where a publication is, as how says.
func (t *topicTruth) place(id ID, at Position, how string, found *faults) {
	one := t.made(id, at)
	if have, known := t.places[one]; known && have != at {
		found.add("identity", "%s is at %s, but %s at %s: %s", id, have, how, at, t.who(id))
	}
	if have, known := t.ids[at]; known && have != id {
		found.add("identity", "%s is %s, but for %s, where %s: %s", at, t.who(have), id, how, t.who(id))
	}
	if _, known := t.places[one]; !known {
		t.places[one] = at
	}
	if _, known := t.ids[at]; !known {
		t.ids[at] = id
	}
}

func (t *topicTruth) sort() {
	for at, id := range t.ids {
		t.numbered[at.Epoch] = append(t.numbered[at.Epoch], numbered{at.Seq, id})
	}
	for _, list := range t.numbered {
		slices.SortFunc(list, func(a, b numbered) int { return cmp.Compare(a.seq, b.seq) })
	}
}

// who says all that is known about how a publication was made.
func (t *topicTruth) who(id ID) string {
	if a := t.attempts[id]; a != nil {
		return a.String()
	}
	return id.String()
}

// checkTime sees that what was sent after another's answer has a higher number.
func (t *topicTruth) checkTime(name string, found *faults) {
	for _, list := range t.numbered {
		var latest *Attempt // of those with lower numbers, the one sent last
		for _, n := range list {
			a := t.attempts[n.id]
			if a == nil {
				continue
			}
			if latest != nil && a.Outcome == Accepted && a.Done < latest.Sent {
				found.add("time", "on %s [%s] was answered before [%s] was sent, and has the higher number", name, a, latest)
			}
			if latest == nil || a.Sent > latest.Sent {
				latest = a
			}
		}
	}
}
