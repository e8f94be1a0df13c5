package client

import (
	"bytes"
	"fmt"
	"net"
	"time"

	"github.com/livetopics/live/bench/internal/wire"
)

// Patience is how long a caller waits for one thing, as Order does.
const Patience = time.Minute

const (
	// handshakeKey is every client's Sec-WebSocket-Key.
	handshakeKey = "bG9hZCBnZW5lcmF0b3IuIQ=="
	// SmallBuffer is what a client reads at once at first, in bytes; it grows to the longest frame.
	SmallBuffer = 4 << 10
	// patience is how long a connection may last.
	patience = 10 * Patience
)

// Client is one WebSocket connection. One goroutine may read from it while another sends.
type Client struct {
	nc   net.Conn
	buf  []byte // what was received, from read to its end
	read int    // how much of it is done with
}

// Dial connects to path at addr, host:port, with a buffer of so many bytes at first. It blocks until the server
// has answered the upgrade.
func Dial(addr, path string, buffer int) (*Client, error) {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := On(nc, buffer)
	if err := c.upgrade(addr, path); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// On returns a client on a connection that was upgraded already, with a buffer of so many bytes at first.
func On(nc net.Conn, buffer int) *Client {
	return &Client{nc: nc, buf: make([]byte, 0, buffer)}
}

func (c *Client) upgrade(addr, path string) error {
	_ = c.nc.SetDeadline(time.Now().Add(patience))
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

// Close closes the socket with a reset, so that no port stays taken.
func (c *Client) Close() {
	if tcp, ok := c.nc.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.nc.Close()
}

// Send sends text as one frame. It blocks while the socket takes no more.
func (c *Client) Send(text string) error {
	_, err := c.nc.Write(wire.AppendMasked(nil, wire.OpText, []byte(text), 0x12345678))
	return err
}

// Next returns the payload of the next text frame; it holds until the one after is asked for. Pings are
// answered.
func (c *Client) Next() ([]byte, error) {
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
func (c *Client) fill() error {
	left := copy(c.buf, c.buf[c.read:])
	c.buf, c.read = c.buf[:left], 0
	if left == cap(c.buf) {
		c.buf = append(make([]byte, 0, 2*left), c.buf...)
	}
	n, err := c.nc.Read(c.buf[left:cap(c.buf)])
	c.buf = c.buf[:left+n]
	return err
}

// Ask sends an operation and returns the answer, which begins with prefix. It fails where anything else
// comes first.
func (c *Client) Ask(text, prefix string) ([]byte, error) {
	if err := c.Send(text); err != nil {
		return nil, err
	}
	b, err := c.Next()
	if err == nil && !bytes.HasPrefix(b, []byte(prefix)) {
		err = fmt.Errorf("%.300q came in answer to %.300q", b, text)
	}
	return b, err
}

// Hello connects as centrifuge's protocol has it.
func (c *Client) Hello() error {
	_, err := c.Ask(`{"id":1,"connect":{}}`, `{"id":1,"connect":`)
	return err
}
