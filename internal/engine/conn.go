package engine

import (
	"sync"
	"sync/atomic"

	"github.com/livetopics/live/internal/ws"
)

// Handler hears of one connection. Its methods are called by one goroutine at a
// time, in order, never by a loop: they may take as long as they like and call
// anything. While Message takes its time, the connection's socket is read up to
// Options.MailboxSize messages ahead.
type Handler interface {
	// Opened is called first, before any message.
	Opened()
	// Message is called for every text or binary message. The payload is the
	// Handler's to keep.
	Message(op ws.Opcode, payload []byte)
	// Closed is called last, exactly once. err is nil for a clean close.
	Closed(err error)
	// Behind is called when c was too slow for a topic of Replay, and has read what
	// else there was for it: its subscription is behind, to be brought up to date from
	// the publication after the given one, and then made live by Held.CatchUp. Unlike
	// the others it is called by a goroutine of its own, at any time: the connection may
	// have ended meanwhile, and h then takes nothing.
	Behind(h Held, after uint64)
}

// The states of a connection, as its loop sees them.
const (
	open      = iota
	closing   // our close frame is written or queued: the session has ended, the peer's close frame is waited for
	lingering // all is written and our side shut: the peer's end is waited for
	closed    // the socket is gone
)

// notWatched is the place of a connection that is not on its loop's watch list.
const notWatched = -1

// Conn is one connection. The zero value is for Attach. Its size matters: there are
// many, most of them idle; what only a busy one needs hangs off a pointer.
type Conn struct {
	// Set once, by Attach.
	loop    *loop
	handler Handler
	sock    socket // its methods are for the loop only

	// Loop only.
	reader  *ws.Reader // in the middle of a message; nil between messages
	out     *queue     // what the socket refused; nil if nothing
	marks   [2]uint32  // place in either turn's list of marks plus one; 0 for none
	fd      int32      // of an epollSocket
	slot    uint32     // place in the wheel's slot
	watchAt int32      // place on the watch list, or notWatched
	giveUp  uint32     // the tick at which a connection that is to close is cut off; 0 for none
	events  uint8      // that an epollSocket's poller looks for
	spoke   uint8      // the wheel's slot number
	state   uint8
	heard   bool // something came since the wheel's last visit
	pinged  bool // a ping is out
	unread  bool // the socket is not read: the mailbox is full, or was until now
	deaf    bool // what comes is thrown away: a close frame came, or a violation
	holes   bool // it is told of publications that were dropped

	pending atomic.Int32 // frames in out, for Send

	mu     sync.Mutex // guards the fields below
	over   bool       // the session has ended, or Close was called
	mute   bool       // messages still in the mailbox are not handed over
	paused bool       // reading waits for the mailbox to be emptied
	busy   bool       // a goroutine works on the mailbox
	box    *mailbox   // nil if empty
	subs   subscriptions
	fate   *fate // nil until somebody asks
}

// Send puts a frame into the connection's stream, after everything that the calling
// goroutine sent or published before. It waits while the connection's loop is more
// than Options.InboxSize commands behind, and otherwise does not block. It returns
// ErrClosed for a connection that has ended, and ErrQueueFull while Options.QueueSize
// frames wait for its socket.
func (c *Conn) Send(f *Frame) error {
	if c.pending.Load() >= int32(c.loop.engine.opts.QueueSize) {
		return ErrQueueFull
	}
	return c.Reply(f)
}

// Reply is Send for what the peer asked for: a full queue does not refuse it, but makes
// room for it or ends the connection as it does for a publication.
func (c *Conn) Reply(f *Frame) error {
	c.loop.inbox.wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || !c.loop.inbox.push(command{kind: cmdSend, conn: c, frame: f}) {
		return ErrClosed
	}
	return nil
}

// TakesEvents has c told of publications that were dropped because it was slow, by
// frames of Options.Hole, from now on. It does not block.
func (c *Conn) TakesEvents() {
	c.loop.inbox.push(command{kind: cmdCall, conn: c, fn: func() { c.holes = c.loop.engine.opts.Hole != nil }})
}

// AfterWritten has f called by c's loop when all that the calling goroutine sent
// before is handed to the system; never, if c ends first. f must not block.
func (c *Conn) AfterWritten(f func()) {
	c.loop.inbox.push(command{kind: cmdCall, conn: c, fn: func() { c.loop.afterWritten(c, f) }})
}

// Close ends the connection: what was sent and published before is still written,
// then a close frame with code and reason, and the peer has Options.CloseTimeout to
// answer. Messages that wait in the mailbox are dropped. Handler.Closed gets err. It
// does not block, and reports whether the connection had not ended before.
func (c *Conn) Close(code int, reason string, err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return false
	}
	c.mute = true
	c.setOver(err)
	c.loop.inbox.push(command{kind: cmdCall, conn: c, fn: func() { c.loop.close(c, code, reason, err) }})
	return true
}
