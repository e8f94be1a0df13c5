package engine

import "slices"

// subscription is one connection's place in one topic.
type subscription struct {
	conn  *Conn  // set once
	shard *shard // set once
	at    int32  // loop only: place in shard.subs, or notListed
	flags uint8  // guarded by the conn's mu: the caller's
	moves uint16 // guarded by the conn's mu: cmdHold and cmdLive of it that the loop has not done
}

// notListed is the place of a subscription that its loop has not seen yet, or has
// taken out again.
const notListed = -1

// fewTopics is how many subscriptions are looked through one by one; a connection
// with more has a nameTable.
const fewTopics = 8

// subscriptions are those of one connection, guarded by its mu. Most connections
// have one.
type subscriptions struct {
	one  *subscription // the only one
	many *manySubscriptions
}

type manySubscriptions struct {
	list   []*subscription // in the order they were made
	byName nameTable       // empty up to fewTopics
}

func (s *subscriptions) find(name string) *subscription {
	switch {
	case s.many == nil:
		if s.one != nil && s.one.shard.topic.name == name {
			return s.one
		}
		return nil
	case s.many.byName != nil:
		return s.many.byName.find(name)
	}
	for _, sub := range s.many.list {
		if sub.shard.topic.name == name {
			return sub
		}
	}
	return nil
}

// appendTo appends all of them to list, in the order they were made.
func (s *subscriptions) appendTo(list []*subscription) []*subscription {
	switch {
	case s.many != nil:
		return append(list, s.many.list...)
	case s.one != nil:
		return append(list, s.one)
	}
	return list
}

func (s *subscriptions) add(sub *subscription) {
	if s.many == nil && s.one == nil {
		s.one = sub
		return
	}
	if s.many == nil {
		s.many, s.one = &manySubscriptions{list: []*subscription{s.one}}, nil
	}
	m := s.many
	m.list = append(m.list, sub)
	switch n := len(m.list); {
	case n <= fewTopics:
	case 4*n > 3*len(m.byName):
		m.byName = newNameTable(m.list)
	default:
		m.byName.put(sub)
	}
}

func (s *subscriptions) remove(sub *subscription) {
	if s.many == nil {
		s.one = nil
		return
	}
	m := s.many
	i := slices.Index(m.list, sub)
	m.list = slices.Delete(m.list, i, i+1)
	switch n := len(m.list); {
	case n == 0:
		s.many = nil
	case m.byName == nil:
	case n <= fewTopics:
		m.byName = nil
	case 6*n < len(m.byName):
		m.byName = newNameTable(m.list)
	default:
		m.byName.remove(sub)
	}
}

// Subscribe makes c a subscriber of the topic, or of the wildcard: it gets whatever is
// published after Subscribe has returned. It reports whether c was not one already. It does not
// block. It returns ErrClosed for a connection that has ended.
func (e *Engine) Subscribe(c *Conn, name string) (added bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return false, ErrClosed
	}
	if c.subs.find(name) != nil {
		return false, nil
	}
	s := e.route.stripe(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := &subscription{conn: c, shard: s.join(name, c.loop), at: notListed}
	c.subs.add(sub)
	c.loop.inbox.push(command{kind: cmdSubscribe, sub: sub})
	return true, nil
}

// Unsubscribe ends a subscription: c gets nothing that is published after it has
// returned. It reports whether there was one. It does not block. It returns
// ErrClosed for a connection that has ended.
func (e *Engine) Unsubscribe(c *Conn, name string) (removed bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return false, ErrClosed
	}
	sub := c.subs.find(name)
	if sub == nil {
		return false, nil
	}
	c.subs.remove(sub)
	s := e.route.stripe(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leave(sub)
	c.loop.inbox.push(command{kind: cmdUnsubscribe, sub: sub})
	return true, nil
}

// Topics returns the topics that c is subscribed to, in the order it subscribed,
// or, once it has ended, those it was subscribed to at that moment, until its
// Handler's Closed has returned.
func (c *Conn) Topics() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	subs := c.subs.appendTo(nil)
	names := make([]string, len(subs))
	for i, sub := range subs {
		names[i] = sub.shard.topic.name
	}
	return names
}

// TopicsWith returns those of Topics whose subscription has one of the flags.
func (c *Conn) TopicsWith(flags uint8) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for _, sub := range c.subs.appendTo(nil) {
		if sub.flags&flags != 0 {
			names = append(names, sub.shard.topic.name)
		}
	}
	return names
}

// Subscriptions returns how many topics c is subscribed to.
func (c *Conn) Subscriptions() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.subs.many != nil:
		return len(c.subs.many.list)
	case c.subs.one != nil:
		return 1
	}
	return 0
}

// list puts sub into its shard's list.
func (l *loop) list(sub *subscription) {
	if sub.conn.state != open || sub.at != notListed {
		return // it ended while this was in the inbox
	}
	sub.shard.forward(sub.conn)
	sub.at = int32(len(sub.shard.subs))
	sub.shard.subs = append(sub.shard.subs, sub)
	l.next.join(sub)
}

// unlist takes sub out of its shard's list.
func (l *loop) unlist(sub *subscription) {
	sub.shard.forward(sub.conn)
	if sub.at == notListed {
		return
	}
	l.next.leave(sub)
	sh := sub.shard
	last := len(sh.subs) - 1
	moved := sh.subs[last]
	sh.subs[sub.at], moved.at = moved, sub.at
	sh.subs[last] = nil
	if sh.subs = sh.subs[:last]; last == 0 {
		sh.subs = nil
	} else if cap(sh.subs) > 64 && last < cap(sh.subs)/4 {
		sh.subs = slices.Clip(slices.Clone(sh.subs))
	}
	sub.at = notListed
}
