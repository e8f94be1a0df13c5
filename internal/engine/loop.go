package engine

import (
	"runtime"
	"time"

	"github.com/livetopics/live/internal/ws"
)

const (
	// sliceSize is how many connections are written to before the loop looks at
	// what came in: a large fan-out does not keep others waiting for longer.
	sliceSize = 256
	// turnBytes is how much one turn collects; what is left waits for the next one.
	turnBytes = 256 << 10
	// readSize is how much is read from one socket at a time.
	readSize = 64 << 10
)

// loop owns a part of the connections: their sockets, their queues, and the lists
// of subscribers. All of its fields but inbox, gone and stats are its goroutine's alone.
type loop struct {
	engine *Engine
	inbox  inbox
	gone   chan struct{} // closed when the loop has ended
	stats  counters
	poll   poller

	batch []command // taken from the inbox
	at    int       // the first of them not done yet

	cur, next *turn // being written, and collecting
	picked    []int32
	scratch   []byte

	readBuf []byte
	reader  *ws.Reader // serves every connection that is between messages

	wheel   wheel
	watched []*Conn // those that a tick has to look at: blocked or closing
	conns   int
	posted  bool   // something came for a Handler since the last yield
	leaving bool   // close what comes
	code    int    // with this
	reason  string // and this

	abandoned bool // and do not wait for what was promised a place
}

func newLoop(e *Engine) (*loop, error) {
	l := &loop{
		engine:  e,
		gone:    make(chan struct{}),
		readBuf: make([]byte, readSize), reader: new(ws.Reader),
	}
	l.cur, l.next = &turn{loop: l, parity: 0}, &turn{loop: l, parity: 1}
	p, err := newPoller(l)
	if err != nil {
		return nil, err
	}
	l.poll = p
	l.inbox.init(e.opts.InboxSize, p)
	l.wheel.init(e.opts.IdleTimeout)
	return l, nil
}

// run is the loop. It ends when Shutdown has begun and no connection is left.
func (l *loop) run() {
	for !l.finished() {
		l.takeInbox()
		if !l.cur.empty() || len(l.next.marks) > sliceSize {
			l.writeUrgent()
		}
		if l.cur.empty() && !l.next.empty() {
			l.cur, l.next = l.next, l.cur
			l.cur.seal()
		}
		l.writeSlice()
		l.tick()
		l.wait()
		l.yield()
	}
	l.inbox.close()
	close(l.gone)
	l.poll.close()
}

func (l *loop) finished() bool {
	if !l.leaving || l.conns > 0 || l.inbox.size.Load() > 0 {
		return false
	}
	return l.abandoned || l.engine.coming.Load() == 0 && l.inbox.size.Load() == 0
}

// wait serves the sockets that are ready, and sleeps if there is nothing to do.
func (l *loop) wait() {
	idle := l.at == len(l.batch) && l.cur.empty() && l.next.empty()
	if l.poll.poll() || !idle || l.finished() {
		return
	}
	var until time.Time
	if l.conns > 0 {
		until = l.wheel.due
	}
	l.poll.arm(until)
	if l.inbox.park() {
		l.poll.sleep()
		l.inbox.unpark()
	}
}

// yield lets the goroutines run that wait for a processor, if this one may have made
// some: in the middle of a large fan-out, where the loop does not sleep, the Handlers
// of others would else wait until the scheduler interrupts it.
func (l *loop) yield() {
	if l.posted && !l.cur.empty() {
		runtime.Gosched()
	}
	l.posted = false
}

// takeInbox does what the inbox holds, as far as it fits into the turn.
func (l *loop) takeInbox() {
	if l.at == len(l.batch) {
		clear(l.batch)
		l.batch, l.at = l.inbox.take(l.batch), 0
	}
	first := l.at
	for l.at < len(l.batch) && l.next.bytes < turnBytes {
		l.do(&l.batch[l.at])
		l.at++
	}
	if l.at > first {
		l.inbox.done(l.at - first)
	}
}

func (l *loop) do(c *command) {
	switch c.kind {
	case cmdPublish:
		l.next.publishOne(c.shard, c.frame, c.conn)
	case cmdSend:
		if c.conn.state == open {
			l.next.send(c.conn, c.frame)
		}
	case cmdSubscribe:
		l.list(c.sub)
	case cmdUnsubscribe:
		l.unlist(c.sub)
	case cmdHold:
		c.sub.moved()
		l.setBack(c.sub)
	case cmdLive:
		c.sub.moved()
		l.list(c.sub)
	case cmdCall:
		c.fn()
	}
}

// open begins to serve a connection.
func (l *loop) open(c *Conn, buffered []byte) {
	l.conns++
	c.heard = true
	l.stats.opened.Add(1)
	l.wheel.add(c)
	c.post(item{do: c.handler.Opened})
	if err := c.sock.open(); err != nil {
		l.drop(c, err)
		return
	}
	if l.leaving {
		l.close(c, l.code, l.reason, nil)
	}
	if len(buffered) > 0 {
		l.received(c, buffered)
	}
}

// each calls f for every connection; f may drop it.
func (l *loop) each(f func(*Conn)) {
	for _, slot := range l.wheel.slots {
		for i := len(slot) - 1; i >= 0; i-- {
			f(slot[i])
		}
	}
}

// leave closes every connection, and those to come.
func (l *loop) leave(code int, reason string) {
	l.leaving, l.code, l.reason = true, code, reason
	l.each(func(c *Conn) { l.close(c, code, reason, nil) })
}

// abandon drops every connection as it is, and waits for none to come.
func (l *loop) abandon() {
	l.abandoned = true
	l.each(func(c *Conn) { l.drop(c, ErrClosed) })
}
