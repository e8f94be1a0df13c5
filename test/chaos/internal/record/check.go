package record

// Check returns where the run breaks a rule, or nothing. A cause that breaks a rule often
// is told a few times, with the number of the rest.
func (r *Run) Check() []Fault {
	var found faults
	t := r.truth(&found)
	for _, s := range r.Streams {
		for _, text := range s.Strange {
			found.add("invented", "%s got what nobody published: %s", s.name(), text)
		}
		if s.Plain {
			r.checkPlain(s, t, &found)
			continue
		}
		checkOrder(s, t.topic(s.Topic), &found)
		t.topic(s.Topic).checkWhole(s, &found)
		r.checkAnnounced(s, &found)
	}
	for name, topic := range t.topics {
		topic.checkTime(name, &found)
		r.checkHead(name, topic, &found)
	}
	return found.all()
}

// checkOrder sees that numbers grow within an epoch, that no epoch returns, and that
// nothing comes twice.
func checkOrder(s *Stream, t *topicTruth, found *faults) {
	at, left := s.Began, map[string]bool{}
	seen := make(map[made]Event, len(s.Events))
	for _, e := range s.Events {
		if e.At.Epoch != at.Epoch {
			left[at.Epoch] = true
			if left[e.At.Epoch] {
				found.add("order", "%s returned from epoch %s to %s at %s", s.name(), at.Epoch, e.At.Epoch, round(e.When))
			}
			if e.ID != 0 {
				found.add("missing", "%s went from %s to %s without a word: %s at %s", s.name(), at, e.At, e.ID, round(e.When))
			}
		}
		if e.ID == 0 {
			at = e.At
			continue
		}
		one := t.made(e.ID, e.At)
		if first, again := seen[one]; again {
			found.add("twice", "%s got %s at %s (%s) and at %s (%s)", s.name(), e.ID,
				first.At, round(first.When), e.At, round(e.When))
		}
		seen[one] = e
		if e.At.Epoch == at.Epoch && e.At.Seq <= at.Seq {
			found.add("order", "%s got %s, which is %s, after %s at %s", s.name(), e.At, e.ID, at, round(e.When))
		}
		at = e.At
	}
}

// checkAnnounced sees that nothing was told as lost where nothing may get lost.
func (r *Run) checkAnnounced(s *Stream, found *faults) {
	if r.MayLose {
		return
	}
	at := s.Began
	for _, e := range s.Events {
		if e.ID == 0 && (!s.Lossy || e.At.Epoch != at.Epoch) {
			found.add("announced", "%s was told of a loss after %s up to %s (from %d) at %s",
				s.name(), at, e.At, e.From, round(e.When))
		}
		at = e.At
	}
}

// checkHead sees that nothing is beyond the end of the history.
func (r *Run) checkHead(name string, t *topicTruth, found *faults) {
	head, known := r.Heads[name]
	if !known {
		return
	}
	for epoch, list := range t.numbered {
		last := list[len(list)-1]
		switch {
		case epoch != head.Epoch && !r.MayLose:
			found.add("announced", "%s has the epochs %s and %s", name, epoch, head.Epoch)
		case epoch == head.Epoch && last.seq > head.Seq:
			found.add("head", "%s ends at %s, and %s was seen beyond it: %s", name, head,
				Position{epoch, last.seq}, t.who(last.id))
		}
	}
}
