package engine

import (
	"errors"
	"fmt"
	"io"

	"github.com/livetopics/live/internal/ws"
)

// received takes what came from a socket. b is the loop's to write to.
func (l *loop) received(c *Conn, b []byte) {
	l.stats.bytesIn.Add(uint64(len(b)))
	c.heard = true
	r := c.reader
	if r == nil {
		r = l.reader
	}
	full := false
	for len(b) > 0 && !c.deaf && c.state < lingering {
		ev, ok, rest, err := r.Next(b, l.engine.opts.ReadLimit)
		if err != nil {
			l.violation(c, err)
			break
		}
		if !ok {
			break
		}
		b = rest
		full = l.event(c, &ev) || full
	}
	l.keepReader(c, r)
	if full {
		l.pause(c)
	}
}

// keepReader leaves r with a connection that is in the middle of a message, and
// with the loop otherwise.
func (l *loop) keepReader(c *Conn, r *ws.Reader) {
	useless := c.deaf || c.state >= lingering
	switch {
	case !useless && r.Idle():
		c.reader = nil
	case useless:
		c.reader = nil
		if r == l.reader {
			r.Reset()
		}
	case r == l.reader:
		c.reader, l.reader = r, new(ws.Reader)
	}
}

// event handles a message or a control frame, and reports whether the mailbox is full.
func (l *loop) event(c *Conn, ev *ws.Event) (full bool) {
	switch ev.Op {
	case ws.OpPing:
		if c.state == open {
			var buf [128]byte
			l.control(c, ws.AppendFrame(buf[:0], ws.OpPong, ev.Payload))
		}
	case ws.OpPong:
	case ws.OpClose:
		l.peerCloses(c, ev.Payload)
	default:
		if c.state != open {
			return false
		}
		l.stats.messagesIn.Add(1)
		payload := ev.Payload
		if !ev.Owned {
			payload = append(make([]byte, 0, len(payload)), payload...)
		}
		l.posted = true
		return c.post(item{op: ev.Op, payload: payload})
	}
	return false
}

// pause stops reading until the mailbox has been emptied.
func (l *loop) pause(c *Conn) {
	c.mu.Lock()
	wait := c.box != nil && !c.over
	c.paused = wait
	c.mu.Unlock()
	if wait {
		c.unread = true
		c.sock.wantRead(false)
	}
}

// resume reads on.
func (l *loop) resume(c *Conn) {
	if c.state != closed {
		c.unread, c.heard = false, true
		c.sock.wantRead(true)
	}
}

// violation answers a frame that RFC 6455 does not allow.
func (l *loop) violation(c *Conn, err error) {
	var bad *ws.Error
	if !errors.As(err, &bad) {
		bad = &ws.Error{Code: ws.CloseInternal, Reason: err.Error()}
	}
	l.hangUp(c, bad.Code, bad.Reason, &CloseError{bad.Code, bad.Reason})
}

// ended is told that no more will come from a socket.
func (l *loop) ended(c *Conn, err error) {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	l.drop(c, fmt.Errorf("connection lost: %w", err))
}
