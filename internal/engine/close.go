package engine

import (
	"time"

	"github.com/livetopics/live/internal/ws"
)

// end ends the session, once: its subscriptions go, and its Handler will hear of
// it. The socket may live on for a moment, to say goodbye.
func (l *loop) end(c *Conn, err error) {
	c.mu.Lock()
	if c.over {
		err = c.reason() // Close was called first
	} else {
		c.setOver(err)
	}
	subs := c.subs.appendTo(nil)
	c.mu.Unlock()
	for _, sub := range subs {
		l.unlist(sub)
		s := l.engine.route.stripe(sub.shard.topic.name)
		s.mu.Lock()
		s.leave(sub)
		s.mu.Unlock()
	}
	l.stats.closed.Add(1)
	c.post(item{do: func() { c.tellClosed(err) }})
}

// close ends the session and begins the closing handshake (RFC 6455, section
// 7.1.2): what its stream holds is written first.
func (l *loop) close(c *Conn, code int, reason string, err error) {
	if c.state != open {
		return
	}
	l.flushNow(c)
	if c.state != open {
		return // the socket failed
	}
	c.state = closing
	l.end(c, err)
	l.startClosing(c)
	var buf [ws.MaxControlPayload + ws.MaxHeaderSize]byte
	l.control(c, ws.AppendClose(buf[:0], code, reason))
	l.shutIfDone(c)
}

// peerCloses answers a peer's close frame, or takes it as the answer to ours.
func (l *loop) peerCloses(c *Conn, payload []byte) {
	code, reason, err := ws.ParseClose(payload)
	if err != nil {
		l.violation(c, err)
		return
	}
	var cause error
	if code != ws.CloseNormal && code != ws.CloseGoingAway && code != ws.CloseNoStatus {
		cause = &CloseError{code, reason}
	}
	l.hangUp(c, code, "", cause)
}

// hangUp closes a connection from which nothing more is heard, because the peer said
// so or broke the protocol, once the Handler has seen what came before: its answers
// go out first. The Handler has CloseTimeout for that.
func (l *loop) hangUp(c *Conn, code int, reason string, err error) {
	c.deaf = true
	if c.state != open {
		l.shutIfDone(c)
		return
	}
	c.giveUp = l.wheel.after(l.engine.opts.CloseTimeout)
	l.watch(c)
	c.post(item{do: func() {
		l.inbox.push(command{kind: cmdCall, conn: c, fn: func() { l.close(c, code, reason, err) }})
	}})
}

// flushNow writes what either turn has for c.
func (l *loop) flushNow(c *Conn) {
	if at := c.marks[l.cur.parity]; at != 0 {
		l.stats.delivered.Add(uint64(l.writeMark(l.cur, &l.cur.marks[at-1])))
	}
	if at := c.marks[l.next.parity]; at != 0 && c.state == open {
		m := &l.next.marks[at-1]
		l.picked = l.next.share(m, l.picked[:0])
		l.next.advance(m)
		l.stats.delivered.Add(uint64(len(l.picked)))
		l.writePicked(c, l.next)
	}
}

// startClosing gives the peer CloseTimeout from now.
func (l *loop) startClosing(c *Conn) {
	c.giveUp = l.wheel.after(l.engine.opts.CloseTimeout)
	l.watch(c)
	c.sock.wantRead(true)
}

// shutIfDone shuts our side of a connection once the closing handshake is through
// and everything is written. The peer closes the socket next; whatever else it
// sends until then is read, because closing a socket with something unread would
// make the kernel take our close frame back (RFC 6455, section 7.1.1).
func (l *loop) shutIfDone(c *Conn) {
	if c.state == closing && c.deaf && c.out == nil {
		c.state = lingering
		c.sock.closeWrite()
	}
}

// drop closes the socket as it is, and ends the session if it has not ended.
func (l *loop) drop(c *Conn, err error) {
	if c.state == closed {
		return
	}
	was := c.state
	c.state = closed
	if was == open {
		l.end(c, err)
	}
	l.forget(c)
	l.unwatch(c)
	l.wheel.remove(c)
	c.sock.close()
	c.out, c.reader = nil, nil
	l.conns--
}

// forget takes c's marks out of both turns.
func (l *loop) forget(c *Conn) {
	for _, t := range [2]*turn{l.cur, l.next} {
		if at := c.marks[t.parity]; at != 0 {
			t.marks[at-1].conn = nil
			c.marks[t.parity] = 0
		}
	}
}

// watch puts c on the list that every tick looks through.
func (l *loop) watch(c *Conn) {
	if c.watchAt == notWatched {
		c.watchAt = int32(len(l.watched))
		l.watched = append(l.watched, c)
	}
}

func (l *loop) unwatch(c *Conn) {
	if c.watchAt == notWatched {
		return
	}
	last := len(l.watched) - 1
	moved := l.watched[last]
	l.watched[c.watchAt], moved.watchAt = moved, c.watchAt
	l.watched[last] = nil
	l.watched = l.watched[:last]
	c.watchAt = notWatched
}

// checkWatched gives up on those that had their time.
func (l *loop) checkWatched(now time.Time) {
	timeout := l.engine.opts.WriteTimeout
	for i := len(l.watched) - 1; i >= 0; i-- {
		c := l.watched[i]
		switch {
		case l.wheel.past(c.giveUp):
			l.drop(c, errGivenUp)
		case c.state == open && c.out != nil && timeout > 0 && now.Sub(c.out.moved) >= timeout:
			l.tooSlow(c, "too slow: nothing was read for too long")
		}
	}
}
