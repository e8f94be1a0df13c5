package engine

import "math"

// A subscription is live, or it is behind: then what is published is not sent to it
// but kept by its topic, until whoever brings it up to date says how far that is.
// Everything that makes a subscriber late uses this: recovery, a snapshot, a reply
// that must come first, a slow reader whose topic is replayed.

// Held is a subscription that is behind, for whoever brings it up to date. It is of no
// use any more once the subscription is live, or ended.
type Held struct {
	Added bool   // there was no subscription before
	Seq   uint64 // the newest number that is known of the topic, 0 if there is none: unless Added, it got that

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
	return Held{Added: added, Seq: t.has(sub), conn: c, sub: sub}, nil
}

// Catch says how far a subscription that is behind has been brought.
type Catch struct {
	After  uint64                   // the number of the last publication that was sent; 0 if they have none
	Replay bool                     // the topic's publications are of Replay: what waits from before After is not to be replayed
	Most   int                      // how many numbered publications it may get at once; no matter for a wildcard
	Skip   func(origin string) bool // leaves out those of some origins; may be nil
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
// Catch.Most, or not all kept, nothing happens: send more, and try again. What was
// published before the topic had any subscriber is not known here: where Held.Added,
// what is to be sent of it must have been sent before. Catch.After may be more than was
// published so far: up to there the subscription gets nothing. It does not block.
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
	if to.After < t.ahead.floor && !t.wild {
		caught = Late // what is between is not published here again
	}
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
	if to.Replay {
		t.goOn(sub, to.After)
	}
	t.runAhead(sub, to.After)
	sub.move(cmdLive)
	t.unhold(sub)
	return Live
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

// First returns the number of the oldest publication that is kept for the subscription,
// 0 if there is none.
func (h Held) First() (seq uint64) {
	h.look(func(k *kept, at hold) {
		for _, f := range k.frames[max(at.index, k.first)-k.first:] {
			if seq = f.frame.seq(); seq != 0 {
				return
			}
		}
	})
	return seq
}
