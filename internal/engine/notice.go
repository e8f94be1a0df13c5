package engine

// Notice gives an event to those of the topic's live subscribers that take events, in
// its place among the publications. seq, if not 0, is the last of some numbers that will
// not be published: a subscription that is behind finds that out where it is brought up
// to date from. Subscribers of wildcards get nothing. It does not block.
func (e *Engine) Notice(name string, f *Frame, seq uint64) {
	s := e.route.exact(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.topics[name]
	if t == nil {
		return
	}
	t.number(seq)
	if t.kept != nil {
		t.kept.lost = max(t.kept.lost, seq)
	}
	if has := t.ahead.pass(seq); !has.all {
		t.tell(f, has.some)
	}
}

// Renew is Notice of an event that says that the topic's numbers begin anew: what has
// one from now on is newer than all before.
func (e *Engine) Renew(name string, f *Frame) {
	s := e.route.exact(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.topics[name]
	if t == nil {
		return
	}
	t.renew(0)
	t.after = nil
	t.tell(f, nil)
}

// tell gives an event to the live subscribers that take events, but for some. The
// stripe's mu is held.
func (t *topic) tell(f *Frame, but []*Conn) {
	for _, sh := range t.shards {
		sh.loop.inbox.push(command{kind: cmdCall, fn: func() { sh.loop.next.tell(sh, f, but) }})
	}
}

// tell lists an event for the subscribers of a shard that take events.
func (t *turn) tell(sh *shard, f *Frame, but []*Conn) {
	spared := make(map[*Conn]bool, len(but))
	for _, c := range but {
		spared[c] = true
	}
	i := int32(-1)
	for _, sub := range sh.subs {
		c := sub.conn
		if !c.holes || spared[c] {
			continue
		}
		if i < 0 {
			i = t.add(f)
		}
		m := t.mark(c)
		m.split()
		m.parts = append(m.parts, source{shard: oneFrame, from: i})
		t.hurry(c)
	}
}
