package engine

// What a loop knows of subscriptions that are behind: they are in no list, and a wildcard
// that matches the topic does not bring them what they are to get later.

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
