package client

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// connection is one WebSocket. Its reader, the method read, is the only one that ends it;
// everybody else asks it to, by fail.
type connection struct {
	// Set once.
	client *Client
	ws     *websocket.Conn
	socket net.Conn // below ws; nil if that is not known
	url    string
	opened time.Time
	ctx    context.Context // ends when the connection is given up
	cancel context.CancelFunc
	within context.Context // for reads: ctx, or none where closing the socket ends them

	wake     chan struct{}      // there is something to write
	drain    chan time.Duration // the server asks the client to move, after so long
	welcomed chan struct{}      // closed: the server has let the client in
	settled  chan struct{}      // closed: the subscriptions of before are answered
	quiet    chan struct{}      // closed: it is retired, and all requests are answered
	done     chan struct{}      // closed by read when all is over; err is set before
	heard    atomic.Int64       // when something came last, after opened

	// Guarded by client.mu.
	queue       []outgoing
	pending     map[uint64]*pending
	asked       time.Duration  // when pending was empty last, after opened
	subscribing int            // subscribe operations in pending
	leaving     map[string]int // topics with an unsubscribe in pending
	agenda      []later
	adopted     bool
	retired     bool
	ended       bool
	cause       error // why it was given up
	err         error // how it ended
}

// pending is an operation that was not answered yet.
type pending struct {
	ch    chan answer     // of a request; takes one without waiting
	batch []*Subscription // of a subscribe
	leave []string        // of an unsubscribe
	sent  bool            // the server may have it
}

// answer is how a request ended.
type answer struct {
	result []byte
	err    error // an *Error, or ErrDisconnected
	sent   bool
}

func newConnection(c *Client, ws *websocket.Conn, socket net.Conn, url string) *connection {
	n := &connection{
		client: c, ws: ws, socket: socket, url: url, opened: time.Now(),
		wake: make(chan struct{}, 1), drain: make(chan time.Duration, 1), welcomed: make(chan struct{}),
		settled: make(chan struct{}), quiet: make(chan struct{}), done: make(chan struct{}),
		pending: make(map[uint64]*pending), leaving: make(map[string]int),
	}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	n.within = n.ctx
	if socket != nil {
		// To watch a context costs as much for each message as to read it.
		n.within = context.Background()
		stop := n.cancel
		n.cancel = func() { stop(); socket.Close() }
	}
	return n
}

// start begins to read and write.
func (n *connection) start() {
	n.ws.SetReadLimit(n.client.o.ReadLimit)
	n.client.mu.Lock()
	n.client.open[n] = struct{}{}
	n.client.mu.Unlock()
	n.client.group.Go(n.read)  // owner: the client; ends with the WebSocket
	n.client.group.Go(n.write) // owner: the client; ends when n.ctx does, which read sees to
}

// hears notes a sign of life.
func (n *connection) hears() { n.heard.Store(int64(time.Since(n.opened))) }

// read takes what comes until the WebSocket ends.
func (n *connection) read() {
	err := n.readAll()
	n.client.lost(n, closeError(err))
	n.cancel()
	n.ws.CloseNow()
	close(n.done)
}

func (n *connection) readAll() error {
	var text bytes.Buffer
	for {
		kind, r, err := n.ws.Reader(n.within)
		if err != nil {
			return err
		}
		text.Reset()
		if _, err := text.ReadFrom(r); err != nil {
			return err
		}
		n.hears()
		if kind != websocket.MessageText {
			continue
		}
		f, err := decodeFrame(text.Bytes())
		if err != nil {
			n.client.o.Logger.Warn("client: a frame is dropped", "error", err)
			continue
		}
		n.client.handle(n, &f)
		if text.Cap() > 1<<20 {
			text = bytes.Buffer{}
		}
	}
}

// closeError says how a WebSocket ended.
func closeError(err error) *CloseError {
	var frame websocket.CloseError
	switch {
	case errors.As(err, &frame):
		return &CloseError{Code: int(frame.Code), Reason: frame.Reason}
	case errors.Is(err, websocket.ErrMessageTooBig):
		return &CloseError{Code: 1009, Reason: "a message is larger than Options.ReadLimit", cause: err}
	}
	return &CloseError{Code: 1006, Reason: err.Error(), cause: err}
}

// fail gives the connection up.
func (n *connection) fail(cause error) {
	n.client.mu.Lock()
	if n.cause == nil {
		n.cause = cause
	}
	n.client.mu.Unlock()
	n.cancel()
}

// shut closes the WebSocket cleanly, and waits for its end.
func (n *connection) shut() {
	patience := time.AfterFunc(n.client.o.Timeouts.Close, n.cancel)
	n.ws.Close(websocket.StatusNormalClosure, "")
	patience.Stop()
	n.cancel()
	<-n.done
}

// lost takes the connection out of everything. It is the end of its requests.
func (c *Client) lost(n *connection, err *CloseError) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n.cause != nil {
		err = &CloseError{Code: 1006, Reason: n.cause.Error(), cause: n.cause}
	}
	n.err, n.ended = err, true
	delete(c.open, n)
	if c.current == n {
		c.current = nil
		c.changes()
	}
	for _, p := range n.pending {
		if p.ch != nil {
			p.ch <- answer{err: ErrDisconnected, sent: p.sent}
		}
	}
	n.pending, n.queue, n.agenda = nil, nil, nil
	for _, s := range c.subs {
		if s.conn == n {
			s.conn = nil
		}
		if s.asking == n {
			s.asking = nil
		}
	}
}
