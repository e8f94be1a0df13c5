package main

import (
	"bytes"
	"fmt"
	"net"
	"time"

	"github.com/livetopics/live/bench/internal/wire"
)

const (
	// handshakeKey is every client's Sec-WebSocket-Key.
	handshakeKey = "bG9hZCBnZW5lcmF0b3IuIQ=="
	// smallBuffer is what a client reads at once at first, in bytes; it grows to the longest frame.
	smallBuffer = 4 << 10
)

// client is one WebSocket connection. One goroutine may read from it while another sends.
type client struct {
	nc   net.Conn
	buf  []byte // what was received, from read to its end
	read int    // how much of it is done with
}

// dial connects, with a buffer of so many bytes at first.
func dial(addr, path string, buffer int) (*client, error) {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &client{nc: nc, buf: make([]byte, 0, buffer)}
	if err := c.upgrade(addr, path); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *client) upgrade(addr, path string) error {
	_ = c.nc.SetDeadline(time.Now().Add(10 * patience))
	if _, err := c.nc.Write(wire.Request(addr, path, handshakeKey)); err != nil {
		return err
	}
	for {
		if err := c.fill(); err != nil {
			return err
		}
		head, err := wire.Head(c.buf)
		if err != nil {
			return err
		}
		if head != nil {
			c.read = len(head)
			return wire.Upgraded(head, handshakeKey)
		}
	}
}

// close closes the socket with a reset, so that no port stays taken.
func (c *client) close() {
	if tcp, ok := c.nc.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.nc.Close()
}

func (c *client) send(text string) error {
	_, err := c.nc.Write(wire.AppendMasked(nil, wire.OpText, []byte(text), 0x12345678))
	return err
}

// next returns the payload of the next text frame; it holds until the one after is asked for. Pings are
// answered.
func (c *client) next() ([]byte, error) {
	for {
		f, n, err := wire.Next(c.buf[c.read:])
		if err != nil {
			return nil, err
		}
		if n == 0 {
			if err := c.fill(); err != nil {
				return nil, err
			}
			continue
		}
		c.read += n
		switch f.Op {
		case wire.OpText:
			return f.Payload, nil
		case wire.OpClose:
			return nil, fmt.Errorf("closed by the server: %q", f.Payload)
		case wire.OpPing:
			if _, err := c.nc.Write(wire.AppendMasked(nil, wire.OpPong, f.Payload, 1)); err != nil {
				return nil, err
			}
		}
	}
}

// fill reads more.
func (c *client) fill() error {
	left := copy(c.buf, c.buf[c.read:])
	c.buf, c.read = c.buf[:left], 0
	if left == cap(c.buf) {
		c.buf = append(make([]byte, 0, 2*left), c.buf...)
	}
	n, err := c.nc.Read(c.buf[left:cap(c.buf)])
	c.buf = c.buf[:left+n]
	return err
}

// ask sends an operation and returns the answer, which begins with prefix. It fails where anything else
// comes first.
func (c *client) ask(text, prefix string) ([]byte, error) {
	if err := c.send(text); err != nil {
		return nil, err
	}
	b, err := c.next()
	if err == nil && !bytes.HasPrefix(b, []byte(prefix)) {
		err = fmt.Errorf("%.300q came in answer to %.300q", b, text)
	}
	return b, err
}

// hello connects as centrifuge's protocol has it.
func (c *client) hello() error {
	_, err := c.ask(`{"id":1,"connect":{}}`, `{"id":1,"connect":`)
	return err
}
