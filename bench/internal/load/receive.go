package load

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sys/unix"

	"github.com/livetopics/live/bench/internal/dialect"
	"github.com/livetopics/live/bench/internal/wire"
)

// readable reads once from c and handles the frames that are whole.
func (g *Generator) readable(c *conn) error {
	kept := copy(g.buf, c.partial)
	n, err := read(c.fd, g.buf[kept:])
	if err == unix.EAGAIN {
		return nil
	}
	if err == nil && n == 0 {
		err = io.EOF
	}
	if err != nil {
		return fmt.Errorf("load: the server dropped %v without a close frame: %w", c, err)
	}
	now := g.now()
	g.heard = now
	rest := g.buf[:kept+n]
	if c.state == upgrading {
		if rest, err = g.upgraded(c, rest); err != nil {
			return err
		}
	}
	for c.state > upgrading && len(rest) > 0 {
		f, n, err := wire.Next(rest)
		if err != nil {
			return fmt.Errorf("load: %v: %w", c, err)
		}
		if n == 0 {
			break
		}
		if err := g.frame(c, f, now); err != nil {
			return err
		}
		rest = rest[n:]
	}
	if len(rest) == readBuffer {
		return fmt.Errorf("load: %v got a frame of more than %d bytes", c, readBuffer)
	}
	c.partial = append(c.partial[:0], rest...)
	return nil
}

// frame handles one frame.
func (g *Generator) frame(c *conn, f wire.Frame, now int64) error {
	if f.Masked {
		return fmt.Errorf("load: %v got a masked frame (RFC 6455, section 5.1)", c)
	}
	switch f.Op {
	case wire.OpText:
		return g.text(c, f.Payload, now)
	case wire.OpPing:
		return g.send(c, wire.OpPong, f.Payload)
	case wire.OpPong:
		return nil
	case wire.OpClose:
		if len(f.Payload) < 2 {
			return fmt.Errorf("load: the server closed %v without a code", c)
		}
		return fmt.Errorf("load: the server closed %v: %d %s", c, binary.BigEndian.Uint16(f.Payload), f.Payload[2:])
	}
	return fmt.Errorf("load: %v got a frame with opcode %d", c, f.Op)
}

// text handles the messages of one text frame: deliveries first, since nearly all of them are.
func (g *Generator) text(c *conn, payload []byte, now int64) error {
	for len(payload) > 0 {
		var message []byte
		message, payload = g.dialect.Cut(payload)
		ok, err := c.take(message, now)
		if err == nil && !ok {
			err = g.answer(c, message)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// take counts message as delivered if it is a delivery of one of c's feeds.
func (c *conn) take(message []byte, now int64) (ok bool, err error) {
	for i := range c.feeds {
		if ok, err = c.feeds[i].take(c, message, now); ok || err != nil {
			c.order = c.order*orderBase + uint64(i)
			return ok, err
		}
	}
	return false, nil
}

// orderBase makes an order of feeds a number that another order hardly has: it is odd and large.
const orderBase = 0x9E3779B97F4A7C15

// errUnexpected says that a message is neither a delivery nor the answer that is due.
var errUnexpected = errors.New("neither a delivery nor the answer that was due")

// answer handles a message that is not a delivery.
func (g *Generator) answer(c *conn, message []byte) error {
	kind := g.dialect.Kind(message)
	switch {
	case kind == dialect.Ping:
		return g.send(c, wire.OpText, g.dialect.Pong())
	case kind == dialect.Published && c.state == joined:
		return nil
	case kind == dialect.Greeted && c.state == greeting:
		return g.subscribe(c)
	case kind == dialect.Subscribed && c.state == subscribing:
		g.enter(c)
		return nil
	}
	return fmt.Errorf("load: %v got %.200q: %w", c, message, errUnexpected)
}
