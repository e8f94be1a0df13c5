package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// run connects, again and again, until the client ends.
func (c *Client) run() {
	p := &pace{Backoff: c.o.Backoff}
	var wait time.Duration // before the next attempts; the first are made at once
	var why error
	for {
		n, err := c.connect(c.ctx, p, wait, why)
		if err != nil {
			c.farewell(err)
			return
		}
		c.adopt(n)
		n, told := c.follow(n, p)
		if c.ctx.Err() != nil || forGood(n.err) {
			c.farewell(n.err)
			return
		}
		why = n.err
		if time.Since(n.opened) >= c.o.Timeouts.Stable {
			p.attempts = 0
		}
		wait = 0
		if !told { // one that was told to go, and had nowhere to, has waited already
			wait = p.next()
		}
	}
}

// follow stays with a connection until it ends, and moves on to others as the server
// asks. It returns the last of them, once that has ended; told reports whether the server
// had asked to leave it.
func (c *Client) follow(n *connection, p *pace) (last *connection, told bool) {
	for {
		c.tell(State{Phase: Connected, URL: n.url})
		select {
		case <-n.done:
			return n, false
		case <-c.ctx.Done():
			n.shut()
			return n, false
		case in := <-n.drain:
			next := c.move(n, in, p)
			if next == nil {
				return n, true
			}
			n = next
		}
	}
}

// connect makes a connection: after a while, round after round through all addresses,
// until one takes. The error is that of ctx, or one for good.
func (c *Client) connect(ctx context.Context, p *pace, wait time.Duration, why error) (*connection, error) {
	return c.connectElsewhere(ctx, "", p, wait, why)
}

// connectElsewhere is connect, which tries one address last.
func (c *Client) connectElsewhere(ctx context.Context, but string, p *pace, wait time.Duration, why error) (*connection, error) {
	for {
		if wait > 0 && !c.pause(ctx, wait, why) {
			return nil, ctx.Err()
		}
		var n *connection
		if n, why = c.round(ctx, but, why); n != nil {
			return n, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if forGood(why) {
			return nil, why
		}
		wait = p.next()
		var refused *HandshakeError
		if errors.As(why, &refused) {
			// What it asks for, and our share of a crowd's spread.
			wait += min(refused.RetryAfter, p.Most)
		}
	}
}

// round tries each address once. why is how the last attempt ended.
func (c *Client) round(ctx context.Context, but string, why error) (n *connection, err error) {
	err = why
	for _, url := range order(c.o.URLs, but) {
		c.tell(State{Phase: Connecting, URL: url, Err: err})
		if n, err = c.dial(ctx, url); err == nil {
			return n, nil
		}
		c.o.Logger.Info("client: not connected", "url", url, "error", err)
		if ctx.Err() != nil || forGood(err) {
			break
		}
	}
	return nil, err
}

// order mixes the addresses, and puts one last.
func order(urls []string, last string) []string {
	mixed := make([]string, 0, len(urls))
	var end []string
	for _, i := range rand.Perm(len(urls)) {
		if urls[i] == last {
			end = append(end, last)
		} else {
			mixed = append(mixed, urls[i])
		}
	}
	return append(mixed, end...)
}

// pause waits, and reports false when ctx ended before.
func (c *Client) pause(ctx context.Context, d time.Duration, why error) bool {
	c.tell(State{Phase: Waiting, Err: why, In: d})
	return sleep(ctx, d)
}

// sleep waits, and reports false when ctx ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// adopt makes n the connection of all that is new, and subscribes there to everything.
func (c *Client) adopt(n *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.o.Logger.Info("client: connected", "url", n.url)
	n.adopted = true
	if n.ended {
		return
	}
	c.current = n
	c.changes()
	all := make([]*Subscription, 0, len(c.subs))
	for _, s := range c.subs {
		if s.wanting() {
			all = append(all, s)
		}
	}
	c.ask(n, all)
	n.settle()
}

// farewell ends the client, and what is left of its connections but for those that are
// being retired.
func (c *Client) farewell(err error) {
	c.finish(err)
	c.tell(State{Phase: Closed, Err: c.Err()})
}

// tell says what the client does about its connection. It is called by run alone.
func (c *Client) tell(s State) {
	c.mu.Lock()
	c.state = s
	c.mu.Unlock()
	if c.o.OnState != nil {
		c.o.OnState(s)
	}
}
