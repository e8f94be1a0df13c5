package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// request is an operation as a method has it.
type request struct {
	op    string
	body  []byte // its members after the id, and the brace
	about string // for errors
	again bool   // may be sent again when the connection was lost before the answer
}

// do sends a request and waits for the answer, and for a connection before that.
func (c *Client) do(ctx context.Context, r request) (json.RawMessage, error) {
	if err := c.begin(ctx, r.body); err != nil {
		return nil, r.failed(err)
	}
	defer c.release()
	for {
		a := c.attempt(ctx, r.op, r.body)
		if a.err == nil {
			return a.result, nil
		}
		if !errors.Is(a.err, ErrDisconnected) || a.sent && !r.again {
			return nil, r.failed(a.err)
		}
	}
}

func (r *request) failed(err error) error {
	return fmt.Errorf("client: %s %s: %w", r.op, r.about, err)
}

// most is how long the members op and id can be.
const most = 48

// begin takes one of the slots for requests, if the body is not too large.
func (c *Client) begin(ctx context.Context, body []byte) error {
	if len(body)+most > c.o.WriteLimit {
		return ErrTooLarge
	}
	select {
	case c.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-c.done:
		return c.Err()
	}
}

func (c *Client) release() { <-c.slots }

// attempt sends an operation once, as soon as there is a connection. It is not sent again
// when that is lost: the answer is ErrDisconnected then.
func (c *Client) attempt(ctx context.Context, op string, body []byte) answer {
	n, err := c.connection(ctx)
	if err != nil {
		return answer{err: err}
	}
	p := &pending{ch: make(chan answer, 1)}
	id := n.enqueue(op, body, p)
	c.mu.Unlock()
	select {
	case a := <-p.ch:
		return a
	case <-ctx.Done():
		err = ctx.Err()
	case <-c.done:
		err = c.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(n.pending, id)
	n.rest()
	return answer{err: err, sent: p.sent}
}

// connection waits for one, and returns with c.mu held, so that it has not ended: the
// caller unlocks. Not so if there is an error.
func (c *Client) connection(ctx context.Context) (*connection, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c.mu.Lock()
		if c.err == nil && c.current != nil {
			return c.current, nil
		}
		err, changed := c.err, c.changed
		c.mu.Unlock()
		if err != nil {
			return nil, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// send writes a frame that is no operation, and waits until it is written.
func (c *Client) send(ctx context.Context, frame []byte) error {
	if len(frame) > c.o.WriteLimit {
		return ErrTooLarge
	}
	n, err := c.connection(ctx)
	if err != nil {
		return err
	}
	o := outgoing{frame: frame, written: make(chan struct{})}
	n.queue = append(n.queue, o)
	n.stir()
	c.mu.Unlock()
	select {
	case <-o.written:
		return nil
	case <-n.done:
		return ErrDisconnected
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reply takes the server's answer to an operation. c.mu is held.
func (c *Client) reply(n *connection, f *frame) {
	p := n.pending[f.id]
	if p == nil {
		return // nobody waits for it any more
	}
	delete(n.pending, f.id)
	n.asked = time.Since(n.opened)
	refused := refusal(f)
	n.left(p.leave)
	if p.batch != nil {
		n.subscribing--
		c.answered(n, p.batch, f.result, refused)
		n.settle()
	}
	if p.ch != nil {
		a := answer{sent: true}
		if refused != nil {
			a.err = refused
		} else {
			a.result = bytes.Clone(f.result)
		}
		p.ch <- a
	}
	n.rest()
}

// refusal reads the error of a reply, if there is one.
func refusal(f *frame) *Error {
	if f.failed == nil {
		return nil
	}
	var e Error
	if err := json.Unmarshal(f.failed, &e); err != nil || e.Code == "" {
		return &Error{CodeInternal, "the server's refusal cannot be read"}
	}
	return &e
}
