package engine

// Where publications come from elsewhere, a history may be ahead of what is published
// here: what a subscription was sent from it comes once more, a moment later, and is not
// for that subscription.

// ahead says who has more of a topic than was published here. It is guarded by its
// stripe's mu.
type ahead struct {
	floor uint64                   // all subscriptions have what is up to this number
	of    map[*subscription]uint64 // and these what is up to that one; nil if there are none
}

// spared says who does not get a publication.
type spared struct {
	all  bool    // of the topic's subscribers
	some []*Conn // if not all
}

func (has spared) any() bool { return has.all || len(has.some) > 0 }

// pushSparing pushes a publication that some subscribers of t have already, or all.
func (r *route) pushSparing(t *topic, wild []*topic, f *Frame, except []*Conn, all bool) {
	switch {
	case len(wild) > 0:
		r.pushWild(t, wild, f, except, all)
	case !all:
		for _, sh := range t.shards {
			sh.loop.inbox.push(command{kind: cmdCall, fn: func() { sh.loop.next.publish([]*shard{sh}, f, except) }})
		}
	}
}

// runAhead notes that sub, which goes live, has what is up to the given number. The
// stripe's mu is held.
func (t *topic) runAhead(sub *subscription, after uint64) {
	switch {
	case t.wild || after <= max(t.seq, t.ahead.floor):
	case t.alone():
		t.ahead.floor = after
	default:
		if t.ahead.of == nil {
			t.ahead.of = make(map[*subscription]uint64)
		}
		t.ahead.of[sub] = after
	}
}

// alone reports whether the topic has one subscription.
func (t *topic) alone() bool { return len(t.shards) == 1 && t.shards[0].count == 1 }

// has returns the newest number that sub has if it is live. The stripe's mu is held.
func (t *topic) has(sub *subscription) uint64 {
	return max(t.seq, t.ahead.floor, t.ahead.of[sub])
}

// pass is told that the number is published, and returns who has it already.
func (a *ahead) pass(seq uint64) (has spared) {
	if seq == 0 {
		return has
	}
	for sub, after := range a.of {
		if seq <= after {
			has.some = append(has.some, sub.conn)
		}
		if seq >= after {
			delete(a.of, sub)
		}
	}
	if len(a.of) == 0 {
		a.of = nil
	}
	has.all = seq <= a.floor
	return has
}

// appendConns appends the connections of the topic's live subscriptions that are the
// loop's, which calls it.
func (t *topic) appendConns(list []*Conn, l *loop) []*Conn {
	s := l.engine.route.stripe(t.name)
	s.mu.Lock()
	shards := t.shards
	s.mu.Unlock()
	for _, sh := range shards {
		if sh.loop != l {
			continue
		}
		for _, sub := range sh.subs {
			list = append(list, sub.conn)
		}
	}
	return list
}
