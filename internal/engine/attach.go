package engine

import "net"

// Reserve keeps a place for a connection whose handshake is about to be answered:
// what was told yes is then served, and be it with a clean goodbye, even if Shutdown
// begins in between. It returns false once Shutdown has begun. Follow it with Attach,
// or with Release if nothing comes of the connection.
func (e *Engine) Reserve() bool {
	e.reserve.RLock()
	defer e.reserve.RUnlock()
	if e.closing.Load() {
		return false
	}
	e.coming.Add(1)
	e.live.Add(1)
	return true
}

// Release gives a reserved place back.
func (e *Engine) Release() {
	e.live.Done()
	e.arrived()
}

// arrived says that a place is not waited for any more.
func (e *Engine) arrived() {
	e.coming.Add(-1)
	if e.closing.Load() {
		for _, l := range e.loops {
			l.inbox.push(command{kind: cmdCall, fn: func() {}}) // it may be what the loop waits for
		}
	}
}

// Attach gives a connection on which the WebSocket handshake is done to the engine,
// in a place that Reserve kept. The engine owns nc from then on. buffered is what was
// received already; c is a zero Conn. h hears of the connection until its Closed has
// been called, which happens exactly once. Attach does not block.
func (e *Engine) Attach(c *Conn, nc net.Conn, buffered []byte, h Handler) {
	l := e.loops[e.next.Add(1)%uint32(len(e.loops))]
	c.loop, c.handler = l, h
	c.watchAt = notWatched
	c.sock = l.newSocket(c, nc)
	if !l.inbox.push(command{kind: cmdCall, conn: c, fn: func() { l.open(c, buffered) }}) {
		// Shutdown has cut everything off, and the loop has ended.
		c.sock.close()
		c.mu.Lock()
		c.setOver(ErrClosed)
		c.mu.Unlock()
		c.post(item{do: h.Opened})
		c.post(item{do: func() { c.tellClosed(ErrClosed) }})
	}
	e.arrived()
}
