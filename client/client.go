package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"sync"
)

// Client is a connection to a Live server that renews itself. It is made by New, and ends
// by Close, or when the server wants it no more.
//
// One goroutine, run, makes the connections, one after the other, and decides when
// another is needed. Each connection has two more, read and write. What a frame from the
// server changes, and what the methods change, is done under one lock; nobody waits for
// anything while it is held.
type Client struct {
	// Set once.
	o        Options
	http     *http.Client
	idle     func() // closes the connections that http keeps
	ctx      context.Context
	stop     context.CancelFunc // ends ctx: Close was called
	slots    chan struct{}      // one for each request under way
	done     chan struct{}      // closed when err is set
	group    sync.WaitGroup     // all goroutines
	messages *Subscription      // what no subscription takes

	// mu guards the fields below, and those of connections and subscriptions that say so.
	mu      sync.Mutex
	err     error         // how it ended
	current *connection   // where requests go; nil if there is none
	changed chan struct{} // closed, and made anew, when current or err changes
	open    map[*connection]struct{}
	subs    map[string]*Subscription // by topic or wildcard
	wild    []*Subscription          // those of wildcards, which are in subs too
	lastID  uint64
	state   State
}

// New makes a client, which begins to connect at once. Options that cannot work end it,
// and Err says why.
func New(o Options) *Client {
	bad := o.complete()
	c := &Client{
		o: o, done: make(chan struct{}), changed: make(chan struct{}), slots: make(chan struct{}, max(o.Requests, 1)),
		open: make(map[*connection]struct{}), subs: make(map[string]*Subscription),
	}
	c.ctx, c.stop = context.WithCancel(context.Background())
	c.messages = newSubscription(c, "", SubscribeOptions{Buffer: o.Buffer, BufferBytes: o.BufferBytes})
	c.http, c.idle = httpClient(&c.o)
	if bad != nil {
		c.finish(bad)
		return c
	}
	c.group.Go(c.run) // owner: the client; ends when Close was called or the server ends it for good
	return c
}

// Close ends the client: its connection, its subscriptions, and all that waits. It
// returns when no goroutine of the client's is left, which takes a moment: the server is
// told. It is not to be called by OnState. Every call after the first does nothing more.
func (c *Client) Close() {
	c.finish(ErrClosed)
	c.stop()
	c.group.Wait()
	c.idle()
}

// Err says how the client ended: ErrClosed, a *CloseError or *HandshakeError of the
// server's, or what was wrong with its options. It is nil while the client lives.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Done is closed when the client has ended; Err says how.
func (c *Client) Done() <-chan struct{} { return c.done }

// ID is the name under which the server knows this client.
func (c *Client) ID() string { return c.o.ID }

// State is what the client does about its connection now.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Ready waits until the client is connected. The error is that of ctx, together with how
// the last attempt failed, or how the client ended.
func (c *Client) Ready(ctx context.Context) error {
	for {
		c.mu.Lock()
		err, current, changed := c.err, c.current, c.changed
		c.mu.Unlock()
		if err != nil || current != nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("client: waiting for a connection: %w", ctx.Err()), c.State().Err)
		}
	}
}

// Messages yields what comes and is of no subscription, as Subscription.Messages does:
// what the program sends to this client, and what of topics that it subscribed this
// client to. All are of KindPublication but for those of KindGap, which stand for what
// was dropped since nobody took it. During a drain what is published to such topics may
// come twice. The program's answer to a frame that it could not take is a message about
// "error".
func (c *Client) Messages(ctx context.Context) iter.Seq[Message] { return c.messages.Messages(ctx) }

// finish ends all that waits, and says why. Only the first call counts.
func (c *Client) finish(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	c.err = err
	for _, s := range c.subs {
		c.end(s, err)
	}
	c.end(c.messages, err)
	c.changes()
	close(c.done)
}

// changes wakes those who wait for a connection. c.mu is held.
func (c *Client) changes() {
	close(c.changed)
	c.changed = make(chan struct{})
}
