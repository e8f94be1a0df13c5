package engine

import "math"

// A subscription is live, or it is behind: then what is published is not sent to it
// but kept by its topic, until whoever brings it up to date says how far that is.
// Everything that makes a subscriber late uses this: recovery, a snapshot, a reply
// that must come first, a slow reader whose topic is replayed.

// How much a topic keeps for its subscriptions that are behind. What is more is for
// whoever brings them up to date to find elsewhere.
const (
	keptFrames = 4096
	keptBytes  = 4 << 20
)

// kept is what was published to a topic since the first of its subscriptions that
// are behind fell behind. It is guarded by its stripe's mu.
type kept struct {
	held   map[*subscription]hold
	frames []keptFrame
	first  uint64 // the index of frames[0] among all there ever were
	bytes  int
	lost   uint64 // the highest number among those that are not kept any more
}

type keptFrame struct {
	frame  *Frame
	except *Conn
}

// hold is a subscription that is behind.
type hold struct {
	index uint64 // of the first frame that it did not get
	seq   uint64 // the newest number there was before that
	anew  bool   // the topic's numbers began anew since: what the caller knows of them may be of before
}

// keep notes a publication for those that are behind. numbered says that all that the
// topic has are numbered in one row, if they are.
func (k *kept) keep(f *Frame, except *Conn, numbered bool) {
	k.frames = append(k.frames, keptFrame{f, except})
	k.bytes += len(f.Bytes)
	if len(k.frames) <= keptFrames && k.bytes <= keptBytes {
		return
	}
	drop := max(1, len(k.frames)/2)
	for _, old := range k.frames[:drop] {
		k.bytes -= len(old.frame.Bytes)
		if numbered {
			k.lost = max(k.lost, old.frame.seq())
		}
	}
	rest := copy(k.frames, k.frames[drop:])
	clear(k.frames[rest:])
	k.frames = k.frames[:rest]
	k.first += uint64(drop)
}

// hold notes that sub is behind from now on. The stripe's mu is held.
func (t *topic) hold(sub *subscription) {
	if t.kept == nil {
		t.kept = &kept{held: make(map[*subscription]hold)}
	}
	k := t.kept
	k.held[sub] = hold{index: k.first + uint64(len(k.frames)), seq: t.seq}
}

// unhold forgets that sub was behind, if it was. The stripe's mu is held.
func (t *topic) unhold(sub *subscription) {
	if t.kept == nil {
		return
	}
	if delete(t.kept.held, sub); len(t.kept.held) == 0 {
		t.kept = nil
	}
}

// number notes the number of a publication, 0 if it has none. One that is lower than
// the last says that the topic's numbers begin anew: what is kept with the old ones is
// of no use any more. The stripe's mu is held.
func (t *topic) number(seq uint64) {
	if seq == 0 {
		return
	}
	if k := t.kept; k != nil && seq < t.seq {
		k.first += uint64(len(k.frames))
		k.frames, k.bytes, k.lost = nil, 0, 0
		for sub := range k.held {
			k.held[sub] = hold{index: k.first, seq: seq - 1, anew: true}
		}
	}
	t.seq = seq
}

// setBack takes a subscription that is behind out of its shard's list.
func (l *loop) setBack(sub *subscription) {
	l.unlist(sub)
	if sub.conn.state != open {
		return // it ended while this was in the inbox
	}
	if sub.shard.back == nil {
		sub.shard.back = make(map[*Conn]bool)
	}
	sub.shard.back[sub.conn] = true
}

// forward forgets that c's subscription is behind, if it was.
func (sh *shard) forward(c *Conn) {
	if sh.back == nil {
		return
	}
	if delete(sh.back, c); len(sh.back) == 0 {
		sh.back = nil
	}
}

// move tells the loop that the subscription is behind, or live. The conn's mu is held.
func (sub *subscription) move(kind uint8) {
	sub.moves++
	sub.conn.loop.inbox.push(command{kind: kind, sub: sub})
}

// moved is told that the loop does so.
func (sub *subscription) moved() {
	sub.conn.mu.Lock()
	sub.moves--
	sub.conn.mu.Unlock()
}

// Held is a subscription that is behind, for whoever brings it up to date. It is of no
// use any more once the subscription is live, or ended.
type Held struct {
	Added bool   // there was no subscription before
	Seq   uint64 // the number of the newest publication that it got; 0 if none had one

	conn *Conn
	sub  *subscription
}

// Hold makes c a subscriber that is behind: what is published after Hold has returned
// is kept back until CatchUp. A subscription that is live falls behind. flags are the
// caller's, for Flags. It does not block. It returns ErrClosed for a connection that
// has ended, and ErrBehind for a subscription that is behind already.
func (e *Engine) Hold(c *Conn, name string, flags uint8) (Held, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return Held{}, ErrClosed
	}
	s := e.route.stripe(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := c.subs.find(name)
	added := sub == nil
	switch {
	case added:
		sub = &subscription{conn: c, shard: s.join(name, c.loop), at: notListed}
		c.subs.add(sub)
	case sub.shard.topic.behind(sub):
		return Held{}, ErrBehind
	}
	sub.move(cmdHold)
	sub.flags |= flags
	t := sub.shard.topic
	t.hold(sub)
	return Held{Added: added, Seq: t.seq, conn: c, sub: sub}, nil
}

// behind reports whether sub is. The stripe's mu is held.
func (t *topic) behind(sub *subscription) bool {
	if t.kept == nil {
		return false
	}
	_, is := t.kept.held[sub]
	return is
}

// Catch says how far a subscription that is behind has been brought.
type Catch struct {
	After uint64                   // the number of the last publication that was sent; 0 if they have none
	Most  int                      // how many publications it may get at once
	Skip  func(origin string) bool // leaves out those of some origins; may be nil
}

// Caught is what came of CatchUp.
type Caught uint8

// The kinds of Caught.
const (
	Live  Caught = iota // it is a subscriber like others now, or none any more
	Late                // more has to be sent before
	Holed               // what was published meanwhile is not all there any more, and had no number
)

// Topic is what the subscription is to.
func (h Held) Topic() string { return h.sub.shard.topic.name }

// Send sends a frame that brings the subscription further. It reports false, and sends
// nothing, once the subscription has ended. It waits while the connection's loop is more
// than Options.InboxSize commands behind, and otherwise does not block.
func (h Held) Send(f *Frame) bool {
	c := h.conn
	c.loop.inbox.wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.over && c.subs.find(h.Topic()) == h.sub && c.loop.inbox.push(command{kind: cmdSend, conn: c, frame: f})
}

// CatchUp makes the subscription live again: what was published since Catch.After, or
// without numbers since Hold, follows what was sent so far. If that is more than
// Catch.Most, or not all kept, nothing happens: send more, and try again. It does not
// block.
func (h Held) CatchUp(to Catch) Caught {
	c, sub := h.conn, h.sub
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.subs.find(h.Topic()) != sub {
		return Live
	}
	s := c.loop.engine.route.stripe(h.Topic())
	s.mu.Lock()
	defer s.mu.Unlock()
	t := sub.shard.topic
	if t.kept == nil {
		return Live
	}
	held, is := t.kept.held[sub]
	if !is {
		return Live
	}
	if held.anew {
		held.anew = false
		t.kept.held[sub] = held
		return Late
	}
	if t.wild {
		to.Most = math.MaxInt // the numbers are of many topics: nobody can find by them what is here
	}
	frames, caught := t.kept.since(held, to)
	if caught != Live {
		return caught
	}
	for _, k := range frames {
		seq := k.frame.seq()
		if k.except == c || seq != 0 && seq <= to.After || to.Skip != nil && k.frame.Pub != nil && to.Skip(k.frame.Pub.Origin) {
			continue
		}
		c.loop.inbox.push(command{kind: cmdSend, conn: c, frame: k.frame})
	}
	sub.move(cmdLive)
	t.unhold(sub)
	return Live
}

// since returns the frames in which the rest of a subscription's is.
func (k *kept) since(h hold, to Catch) ([]keptFrame, Caught) {
	if to.After < h.seq || to.After < k.lost {
		return nil, Late
	}
	if h.index < k.first && k.lost == 0 {
		return nil, Holed
	}
	frames := k.frames
	if h.index > k.first {
		frames = frames[h.index-k.first:]
	}
	n := 0
	for _, f := range frames {
		if seq := f.frame.seq(); seq > to.After {
			n++
		}
	}
	if n > to.Most {
		return nil, Late
	}
	return frames, Live
}

// Flags returns the flags of c's subscription to the topic, and whether there is one.
func (c *Conn) Flags(name string) (flags uint8, subscribed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	sub := c.subs.find(name)
	if sub == nil {
		return 0, false
	}
	return sub.flags, true
}

// Valid reports whether h is of a subscription, and not the zero Held.
func (h Held) Valid() bool { return h.sub != nil }

// Whole reports whether all that was published since Hold, or since Restart, is kept.
func (h Held) Whole() bool {
	whole := true
	h.look(func(k *kept, at hold) { whole = at.index >= k.first })
	return whole
}

// Restart gives up what was kept for the subscription until now.
func (h Held) Restart() {
	h.look(func(k *kept, at hold) {
		at.index = k.first + uint64(len(k.frames))
		k.held[h.sub] = at
	})
}

// look calls f with what is kept for the subscription, if it is behind.
func (h Held) look(f func(k *kept, at hold)) {
	s := h.conn.loop.engine.route.stripe(h.Topic())
	s.mu.Lock()
	defer s.mu.Unlock()
	k := h.sub.shard.topic.kept
	if k == nil {
		return
	}
	if at, is := k.held[h.sub]; is {
		f(k, at)
	}
}
