package client

import (
	"context"
	"time"
)

// How long a connection that was moved away from is kept for what is on its way.
const (
	settlePatience = 10 * time.Second // for the answers to the subscriptions on the new one
	quietPatience  = 5 * time.Second  // for the answers to requests on the old one
)

// move makes a new connection in n's place, after a while, as the server asked. Until a
// subscription is answered there, what comes of its topic is taken from n. It returns
// nil when n ended before there was another.
func (c *Client) move(n *connection, in time.Duration, p *pace) *connection {
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	// owner: the client, as the caller waits for it; ends with n or when this function returns.
	c.group.Go(func() {
		select {
		case <-n.done:
			cancel()
		case <-ctx.Done():
		}
	})
	if time.Since(n.opened) < c.o.Timeouts.Stable {
		in = max(in, p.next()) // it was the only server to go to: not again and again
	} else {
		p.attempts = 0
	}
	c.tell(State{Phase: Draining, URL: n.url, In: in})
	var next *connection
	if sleep(ctx, in) {
		next, _ = c.connectElsewhere(ctx, n.url, p, 0, nil)
	}
	if next == nil {
		c.await(n)
		return nil
	}
	c.adopt(next)
	c.group.Go(func() { c.retire(n, next) }) // owner: the client; ends when n is closed
	return next
}

// await waits until n has ended, and ends it when the client is closed.
func (c *Client) await(n *connection) {
	select {
	case <-n.done:
	case <-c.ctx.Done():
		n.shut()
	}
}

// retire closes n when nothing is expected of it any more: next has taken over what n
// was subscribed to, and n's requests are answered.
func (c *Client) retire(n, next *connection) {
	timer := time.NewTimer(settlePatience)
	defer timer.Stop()
	select {
	case <-next.settled:
	case <-next.done:
	case <-n.done:
	case <-timer.C:
	case <-c.ctx.Done():
	}
	c.mu.Lock()
	n.retired = true
	n.rest()
	c.mu.Unlock()
	timer.Reset(quietPatience)
	select {
	case <-n.quiet:
	case <-n.done:
	case <-timer.C:
	case <-c.ctx.Done():
	}
	n.shut()
}

// rest closes quiet when a retired connection has answered everything. client.mu is held.
func (n *connection) rest() {
	if n.retired && len(n.pending) == 0 {
		closeOnce(n.quiet)
	}
}

// settle closes settled when all subscriptions of before are answered. client.mu is held.
func (n *connection) settle() {
	if n.adopted && n.subscribing == 0 {
		closeOnce(n.settled)
	}
}

// closeOnce closes a channel that is closed only under one lock, and on which nothing is
// sent.
func closeOnce(ch chan struct{}) {
	select {
	case <-ch:
	default:
		close(ch)
	}
}
