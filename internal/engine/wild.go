package engine

// A subscription to a wildcard is one like others, in a stripe of its own. What is
// published to a topic goes to the wildcards that match it while the topic's own lock
// is held, so that their subscribers see the topic's order too.

// wildFor reports whether a wildcard that somebody is subscribed to matches the name.
func (r *route) wildFor(name string) bool {
	index := r.wild.wild.Load()
	if index == nil {
		return false
	}
	var few [4]*topic
	return len(index.AppendMatches(few[:0], name)) > 0
}

// wildReady returns a full inbox of those that what is published to the name goes to
// because of wildcards, nil if there is none, and whether any does.
func (r *route) wildReady(name string) (busy *inbox, any bool) {
	index := r.wild.wild.Load()
	if index == nil {
		return nil, false
	}
	var few [4]*topic
	wild := index.AppendMatches(few[:0], name)
	if len(wild) == 0 {
		return nil, false
	}
	r.wild.mu.Lock()
	defer r.wild.mu.Unlock()
	for _, w := range wild {
		if busy = fullInbox(w.shards); busy != nil {
			break
		}
	}
	return busy, true
}

// pushWild pushes a publication for the subscribers of t, which may be nil, and of
// some wildcards: one command for a loop, so that who is subscribed to more than one
// of them gets it once. If has is set, t's subscribers have it already.
func (r *route) pushWild(t *topic, wild []*topic, f *Frame, except []*Conn, has bool) {
	r.wild.mu.Lock()
	defer r.wild.mu.Unlock()
	var shards []*shard
	if t != nil {
		shards = append(shards, t.shards...)
	}
	for _, w := range wild {
		shards = append(shards, w.shards...)
		if w.kept != nil {
			w.kept.keep(f, except[len(except)-1], false)
		}
	}
	for i, sh := range shards {
		if sh == nil {
			continue // was pushed with an earlier one
		}
		same := []*shard{sh}
		for j := i + 1; j < len(shards); j++ {
			if shards[j] != nil && shards[j].loop == sh.loop {
				same = append(same, shards[j])
				shards[j] = nil
			}
		}
		l := sh.loop
		l.inbox.push(command{kind: cmdCall, fn: func() {
			if has {
				l.next.publish(same, f, t.appendConns(except[:len(except):len(except)], l))
				return
			}
			l.next.publish(same, f, except)
		}})
	}
}
