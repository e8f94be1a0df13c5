package engine

import "time"

// writeSlice writes the next connections of the current turn.
func (l *loop) writeSlice() {
	t := l.cur
	if t.empty() {
		return
	}
	delivered := 0
	last := min(t.next+sliceSize, len(t.marks))
	for ; t.next < last; t.next++ {
		delivered += l.writeMark(t, &t.marks[t.next])
	}
	l.stats.delivered.Add(uint64(delivered))
	if t.next == len(t.marks) {
		t.reset()
	}
}

// writeMark writes a connection's share of the sealed turn, and returns how many
// frames that is.
func (l *loop) writeMark(t *turn, m *mark) int {
	c := m.conn
	if c == nil {
		return 0 // was written ahead of its place
	}
	m.conn, c.marks[t.parity] = nil, 0
	if c.state != open {
		return 0
	}
	if m.only != several {
		st := &t.shards[m.only]
		l.write(c, t.all(st), t, st.list)
		return len(st.list)
	}
	l.picked = t.share(m, l.picked[:0])
	n := len(l.picked)
	l.writePicked(c, t)
	return n
}

// writeUrgent writes to the connections of the collecting turn that somebody sent
// something to, ahead of a large fan-out; each gets all that came before as well.
// It writes to a slice of them at most: the others follow with the next, or in their
// place of the turn.
func (l *loop) writeUrgent() {
	t := l.next
	delivered := 0
	n := min(len(t.urgent), sliceSize)
	for _, i := range t.urgent[:n] {
		m := &t.marks[i]
		c := m.conn
		if c == nil {
			continue // its socket broke since
		}
		if before := c.marks[l.cur.parity]; before != 0 {
			delivered += l.writeMark(l.cur, &l.cur.marks[before-1])
		}
		l.picked = t.share(m, l.picked[:0])
		t.advance(m)
		if c.state == open {
			delivered += len(l.picked)
			l.writePicked(c, t)
		}
	}
	t.urgent = t.urgent[:copy(t.urgent, t.urgent[n:])]
	l.stats.delivered.Add(uint64(delivered))
}

// writePicked writes the frames of l.picked.
func (l *loop) writePicked(c *Conn, t *turn) {
	list := l.picked
	switch {
	case len(list) == 0:
	case len(list) == 1:
		l.write(c, t.frames[list[0]].Bytes, t, list)
	case t.flat != nil && int(list[len(list)-1]-list[0]) == len(list)-1:
		l.write(c, t.stretch(list[0], list[len(list)-1]), t, list)
	default:
		l.scratch = l.scratch[:0]
		for _, i := range list {
			l.scratch = append(l.scratch, t.frames[i].Bytes...)
		}
		l.write(c, l.scratch, t, list)
		l.trimScratch()
	}
}

// trimScratch lets go of memory that one large message took.
func (l *loop) trimScratch() {
	if cap(l.scratch) > largestArena {
		l.scratch = nil
	}
}

// write sends bytes, which are the listed frames, and queues the frames of which
// something is left.
func (l *loop) write(c *Conn, bytes []byte, t *turn, list []int32) {
	n := 0
	if c.out == nil {
		var err error
		if n, err = c.sock.write(bytes); err != nil {
			l.drop(c, err)
			return
		}
		l.stats.writes.Add(1)
		l.stats.bytesOut.Add(uint64(n))
		if n == len(bytes) {
			return
		}
	}
	for _, i := range list {
		f := t.frames[i]
		if n >= len(f.Bytes) {
			n -= len(f.Bytes)
			continue
		}
		l.enqueue(c, f, n)
		n = 0
	}
	l.checkQueue(c)
}

// control sends a frame of the loop's own: a ping, a pong or a close frame.
func (l *loop) control(c *Conn, frame []byte) {
	n := 0
	if c.out == nil {
		var err error
		if n, err = c.sock.write(frame); err != nil {
			l.drop(c, err)
			return
		}
	}
	if n < len(frame) {
		l.enqueue(c, &Frame{Bytes: append([]byte(nil), frame...)}, n)
		l.checkQueue(c)
	}
}

func (l *loop) enqueue(c *Conn, f *Frame, skip int) {
	if c.out == nil {
		c.out = &queue{moved: time.Now()}
		c.sock.wantWrite(true)
		l.watch(c)
	}
	l.supersede(c, f)
	c.out.push(f, skip)
	c.pending.Store(int32(c.out.count))
}

func (l *loop) tooSlow(c *Conn, reason string) {
	l.stats.tooSlow.Add(1)
	c.out.cut()
	l.forget(c)
	c.deaf = true
	l.close(c, CloseTooSlow, reason, ErrTooSlow)
}

// writable goes on with what waits for a socket.
func (l *loop) writable(c *Conn) {
	defer l.trimScratch()
	for c.out != nil && len(c.out.frames) > 0 {
		l.scratch = c.out.gather(l.scratch[:0], turnBytes)
		n, err := c.sock.write(l.scratch)
		if err != nil {
			l.drop(c, err)
			return
		}
		if n > 0 {
			l.stats.writes.Add(1)
			l.stats.bytesOut.Add(uint64(n))
			c.out.wrote(n)
			c.out.moved = time.Now()
			c.pending.Store(int32(c.out.count))
		}
		if n < len(l.scratch) {
			return
		}
	}
	if c.out != nil {
		l.written(c)
	}
	l.shutIfDone(c)
}

// written is told that nothing waits for a socket any more.
func (l *loop) written(c *Conn) {
	q := c.out
	c.out = nil
	c.pending.Store(0)
	c.sock.wantWrite(false)
	if c.giveUp == 0 {
		l.unwatch(c)
	}
	if c.state != open {
		return
	}
	if len(q.behind) > 0 {
		l.engine.live.Go(func() { // owner: the engine; ends when the Handler returns
			for _, b := range q.behind {
				c.handler.Behind(b.held, b.after)
			}
		})
	}
	for _, f := range q.after {
		f()
	}
}

// afterWritten calls f when all that c was sent so far is the system's.
func (l *loop) afterWritten(c *Conn, f func()) {
	if c.state != open {
		return
	}
	if l.flushNow(c); c.state != open {
		return
	}
	if c.out == nil {
		f()
		return
	}
	c.out.after = append(c.out.after, f)
}
