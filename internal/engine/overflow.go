package engine

// What becomes of publications that wait for a socket which refuses more. All of it is
// the loop's.

// supersede takes the frame out of c's queue that f, which is about to be queued, makes
// worthless.
func (l *loop) supersede(c *Conn, f *Frame) {
	p, q := f.Pub, c.out
	if p == nil || p.Overflow != KeepLatest {
		return
	}
	at, waits := q.newest[subject{p.Topic, p.Key}]
	if !waits {
		return
	}
	i := int(at - q.first)
	if q.begun(i) {
		return
	}
	l.stats.dropped.Add(1)
	old := q.frames[i].Pub
	if old.Seq == 0 || !c.holes {
		q.replace(i, nil) // what has no number leaves no hole that a client could see
	} else {
		h := &Pub{Topic: p.Topic, Seq: old.Seq, from: old.Seq, lost: 1, hole: true}
		for _, j := range [2]int{q.neighbour(i, -1, p.Topic), q.neighbour(i, 1, p.Topic)} {
			if n := q.holeAt(j, p.Topic); n != nil {
				h.from, h.Seq, h.lost = min(h.from, n.from), max(h.Seq, n.Seq), h.lost+n.lost
				q.replace(j, nil)
			}
		}
		q.replace(i, l.hole(h))
	}
	q.tidy()
}

// neighbour returns the place of the topic's next frame, in one direction, or that of one
// that may have to do with the topic, such as a reply or a page of its history; out of
// the queue if there is none. Publications of other topics may stand between.
func (q *queue) neighbour(i, step int, topic string) int {
	for i += step; i >= 0 && i < len(q.frames); i += step {
		if f := q.frames[i]; f != nil && (f.Pub == nil || f.Pub.Topic == topic) {
			break
		}
	}
	return i
}

// holeAt returns what the i'th frame stands for if it is a hole of the topic, not begun.
func (q *queue) holeAt(i int, topic string) *Pub {
	if i < 0 || i >= len(q.frames) || q.frames[i] == nil || q.begun(i) {
		return nil
	}
	if p := q.frames[i].Pub; p != nil && p.hole && p.Topic == topic {
		return p
	}
	return nil
}

// hole makes the frame that tells of dropped publications.
func (l *loop) hole(p *Pub) *Frame {
	return &Frame{Bytes: l.engine.opts.Hole(p.Topic, p.from, p.Seq, p.lost), Pub: p}
}

// overfull reports whether more waits than may. One frame, however large, always may,
// and what tells of dropped ones does not count: it makes no room to drop that, too.
func (l *loop) overfull(q *queue) bool {
	o := &l.engine.opts
	return q.count > o.QueueSize || q.bytes > o.QueueBytes && q.count > 1
}

// checkQueue makes room in a queue that is too full, as its topics' Overflow has it,
// or ends the session.
func (l *loop) checkQueue(c *Conn) {
	q := c.out
	if c.state != open || !l.overfull(q) || q.busy {
		return
	}
	q.busy = true
	l.flushNow(c) // so that all it is to get of those that fall behind now is in the queue
	l.fallBehind(c)
	if l.overfull(q) {
		l.dropOldest(c)
	}
	q.busy = false
	q.tidy()
	c.pending.Store(int32(q.count))
	if l.overfull(q) {
		l.tooSlow(c, "too slow: the queue of what was not read is full")
	}
}

// fallBehind takes the frames of Replay out of c's queue. Their subscriptions are
// behind from now on.
func (l *loop) fallBehind(c *Conn) {
	q := c.out
	seen := make(map[string]cut)
	for i, f := range q.frames {
		if f == nil || f.Pub == nil || f.Pub.Overflow != Replay || f.Pub.Seq == 0 || f.Pub.hole || q.begun(i) {
			continue
		}
		name := f.Pub.Topic
		k, known := seen[name]
		if !known || !k.fell && !k.stays && f.Pub.Seq > k.after {
			var h Held
			h, k = l.holdBack(c, name, f.Pub.Seq)
			seen[name] = k
			if k.fell {
				l.stats.replayed.Add(1)
				q.behind = append(q.behind, fallen{h, f.Pub.Seq - 1})
			}
		}
		if k.fell && f.Pub.Seq > k.after {
			q.replace(i, nil)
		}
	}
}

// cut says what may be taken out of a queue of a topic of Replay.
type cut struct {
	fell  bool   // its subscription was put behind now: what waits of it is taken out,
	after uint64 // but for what has waited since before it was made, to go on from there
	stays bool   // nothing is taken out
}

// holdBack puts c's subscription to the topic behind, if seq was published since it was
// made. All stays where there is none, or it is behind already, or the inbox holds that
// it was: what waits was sent before that.
func (l *loop) holdBack(c *Conn, name string, seq uint64) (Held, cut) {
	c.mu.Lock()
	defer c.mu.Unlock()
	sub := c.subs.find(name)
	if sub == nil || c.over || sub.moves > 0 || sub.at == notListed {
		return Held{}, cut{stays: true}
	}
	s := l.engine.route.stripe(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	t := sub.shard.topic
	if t.behind(sub) {
		return Held{}, cut{stays: true}
	}
	after := t.after[sub]
	if t.seq < after {
		after = 0 // of numbers that have begun anew since
		delete(t.after, sub)
	}
	if seq <= after {
		return Held{}, cut{after: after}
	}
	t.hold(sub)
	l.setBack(sub)
	return Held{Seq: t.seq, conn: c, sub: sub}, cut{fell: true, after: after}
}

// dropOldest takes the oldest frames of DropOldest out of c's queue until a quarter of
// it is free: not one by one, since each time the queue is looked through.
func (l *loop) dropOldest(c *Conn) {
	q, o := c.out, &l.engine.opts
	holes := make(map[string]int)
	for i := range q.frames {
		f := q.frames[i]
		if f == nil || q.begun(i) {
			continue
		}
		if f.Pub == nil {
			clear(holes) // a reply, or a page of history: what is dropped after it is told after it
			continue
		}
		if f.Pub.hole {
			holes[f.Pub.Topic] = i
			continue
		}
		if f.Pub.Overflow != DropOldest {
			continue
		}
		enough := q.count <= o.QueueSize*3/4 && q.bytes <= o.QueueBytes*3/4
		if enough || i == len(q.frames)-1 && !l.overfull(q) {
			break // also before the newest of all, however large, if it fits alone
		}
		l.stats.dropped.Add(1)
		l.dropInto(c, holes, i)
	}
}

// dropInto takes the i'th frame out, and makes its topic's hole larger, which stands
// before all that waits of that topic.
func (l *loop) dropInto(c *Conn, holes map[string]int, i int) {
	q, p := c.out, c.out.frames[i].Pub
	if !c.holes {
		q.replace(i, nil)
		return
	}
	h := &Pub{Topic: p.Topic, Seq: p.Seq, from: p.Seq, lost: 1, hole: true}
	at, known := holes[p.Topic]
	if known {
		old := q.frames[at].Pub
		h.from, h.lost = old.from, old.lost+1
		q.replace(i, nil)
	} else {
		at = i
		holes[p.Topic] = at
	}
	q.replace(at, l.hole(h))
}
