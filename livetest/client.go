package livetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/internal/ws"
)

// Client is a client of a Server. It reads all the time, unless it is stalled: what comes
// waits, without limit, until an Expect or Next takes it.
//
// A method that finds something other than it should ends the test, with a message that
// shows what came in its place. Methods wait up to 30 s for the server. They are for the
// test's own goroutine, as testing.T.FailNow is.
type Client struct {
	// Set once.
	t      testing.TB
	server *Server
	with   dialling

	mu       sync.Mutex // guards the fields below
	changed  chan struct{}
	link     *link
	welcome  Frame
	inbox    []Frame          // came, and was not taken
	requests int              // operations sent
	asked    map[string]ask   // by id: not answered yet
	replies  map[string]Frame // by id: not taken yet
	marks    int              // that came back
	topics   []subscribed     // by operations, in that order
	seen     map[string]live.Position
}

// ask is an operation that is to be answered.
type ask struct {
	subscribe, unsubscribe string // the topic
	presence               bool
}

// subscribed is a topic to which a client comes back.
type subscribed struct {
	topic    string
	presence bool
}

func newClient(t testing.TB, s *Server, with dialling) *Client {
	return &Client{
		t: t, server: s, with: with, changed: make(chan struct{}), seen: make(map[string]live.Position),
	}
}

// connect makes a connection, in place of one that is no more.
func (c *Client) connect() *DialError {
	v := newVisit()
	conn, in, refused := c.server.upgrade(&c.with, v)
	if refused != nil {
		return refused
	}
	l := &link{conn: conn, in: in, visit: v, over: make(chan struct{}), writing: make(chan struct{}, 1)}
	c.mu.Lock()
	c.link, c.asked, c.replies, c.marks = l, make(map[string]ask), make(map[string]Frame), 0
	c.mu.Unlock()
	c.server.readers.Go(func() { c.read(l) }) // owner: the server; ends with the connection
	select {
	case <-v.greeted:
	case <-l.over:
	case <-time.After(patience):
		l.conn.cut()
		return &DialError{0, fmt.Sprintf("OnConnect has not returned within %v", patience)}
	}
	return nil
}

// closed is how a connection ended.
type closed struct {
	code   int
	reason string
}

// Error gives code and reason.
func (e *closed) Error() string {
	return fmt.Sprintf("the connection is closed with code %d (%s)", e.code, e.reason)
}

// errTimeout says that a client waited in vain.
var errTimeout = errors.New("waited in vain for " + patience.String())

// await waits until take, which is called with c.mu held, returns true. The error is
// errTimeout, or a *closed when the connection ended before.
func (c *Client) await(take func() bool) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		c.mu.Lock()
		taken, end, changed := take(), c.link.closed, c.changed
		c.mu.Unlock()
		switch {
		case taken:
			return nil
		case end != nil:
			return end
		}
		select {
		case <-changed:
		case <-timer.C:
			return errTimeout
		}
	}
}

// notify wakes await. c.mu is held.
func (c *Client) notify() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// fail ends the test, and shows what came.
func (c *Client) fail(format string, args ...any) {
	c.t.Helper()
	c.mu.Lock()
	came, stalled := show(c.inbox), c.link.stalled
	c.mu.Unlock()
	if stalled {
		came += "\nthe client is stalled"
	}
	c.t.Fatalf("livetest: %s; %s", fmt.Sprintf(format, args...), came)
}

// write sends a frame, which must be possible.
func (c *Client) write(op ws.Opcode, payload []byte) {
	c.t.Helper()
	l := c.now()
	if err := l.write(op, payload); err != nil {
		c.mu.Lock()
		if l.closed != nil {
			err = l.closed
		}
		c.mu.Unlock()
		c.fail("could not send %s: %v", shorten(string(payload)), err)
	}
}

// now is the connection that there is, or was last.
func (c *Client) now() *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.link
}

// Session is the server's session for this connection, also after its end. A client that
// was refused has none, and fails the test.
func (c *Client) Session() *live.Session {
	c.t.Helper()
	v := c.now().visit
	select {
	case <-v.greeted:
		return v.session
	default:
		c.fail("the client has no session: it was refused")
		return nil
	}
}
