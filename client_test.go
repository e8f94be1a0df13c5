package live_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"
)

// The opcodes of RFC 6455, section 5.2.
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA
)

// client is a WebSocket client that does what a test says, right or wrong. One
// goroutine may send while another receives.
type client struct {
	nc     net.Conn
	br     *bufio.Reader
	silent bool        // pings and close frames are not answered
	pings  chan string // the payloads of pings, as far as there is room
}

// closed is the close frame that a server sent.
type closed struct {
	code   int
	reason string
}

func (c *closed) Error() string { return fmt.Sprintf("closed with %d: %s", c.code, c.reason) }

// frame makes a client's frame (RFC 6455, section 5.2).
func frame(fin bool, op byte, payload string) []byte {
	b := []byte{op, 0x80}
	if fin {
		b[0] |= 0x80
	}
	switch n := len(payload); {
	case n <= 125:
		b[1] |= byte(n)
	case n < 1<<16:
		b[1] |= 126
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	default:
		b[1] |= 127
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	b = append(b, key[:]...)
	for i := range len(payload) {
		b = append(b, payload[i]^key[i%4])
	}
	return b
}

// closeFrame is a client's close frame.
func closeFrame(code int, reason string) []byte {
	return frame(true, opClose, string(binary.BigEndian.AppendUint16(nil, uint16(code)))+reason)
}

// envelope is a message as it goes over the wire.
func envelope(topic, data string) string {
	return fmt.Sprintf(`{"topic":%q,"data":%s}`, topic, data)
}

func (c *client) write(b []byte) error {
	c.nc.SetWriteDeadline(time.Now().Add(patience))
	_, err := c.nc.Write(b)
	return err
}

// raw sends bytes as they are.
func (c *client) raw(t *testing.T, b []byte) {
	t.Helper()
	if err := c.write(b); err != nil {
		t.Fatalf("client: write: %v", err)
	}
}

// text sends a text message.
func (c *client) text(t *testing.T, s string) {
	t.Helper()
	c.raw(t, frame(true, opText, s))
}

// send sends an envelope.
func (c *client) send(t *testing.T, topic, data string) {
	t.Helper()
	c.text(t, envelope(topic, data))
}

// frame receives one frame. What no server may send is an error.
func (c *client) frame() (op byte, payload string, err error) {
	c.nc.SetReadDeadline(time.Now().Add(patience))
	var head [2]byte
	if _, err := io.ReadFull(c.br, head[:]); err != nil {
		return 0, "", err
	}
	if head[0]&0xf0 != 0x80 || head[1]&0x80 != 0 {
		return 0, "", fmt.Errorf("frame header %x: fragmented, masked or with reserved bits", head)
	}
	n := int(head[1])
	if n > 125 {
		var long [8]byte
		if _, err := io.ReadFull(c.br, long[8-map[int]int{126: 2, 127: 8}[n]:]); err != nil {
			return 0, "", err
		}
		n = int(binary.BigEndian.Uint64(long[:]))
	}
	b := make([]byte, n)
	_, err = io.ReadFull(c.br, b)
	return head[0] & 0x0f, string(b), err
}

// receive returns the next message. It answers pings and close frames; one of the
// latter is returned as a *closed.
func (c *client) receive() (string, error) {
	for {
		op, payload, err := c.frame()
		switch {
		case err != nil:
			return "", err
		case op == opText:
			return payload, nil
		case op == opPing:
			select {
			case c.pings <- payload:
			default:
			}
			if !c.silent {
				c.write(frame(true, opPong, payload))
			}
		case op == opClose:
			if !c.silent {
				c.write(frame(true, opClose, payload))
			}
			if len(payload) < 2 {
				return "", &closed{code: 1005}
			}
			return "", &closed{int(binary.BigEndian.Uint16([]byte(payload))), payload[2:]}
		case op != opPong:
			return "", fmt.Errorf("frame with opcode %#x", op)
		}
	}
}

// next returns the next message, which must come.
func (c *client) next(t *testing.T) string {
	t.Helper()
	s, err := c.receive()
	if err != nil {
		t.Fatalf("client: receive: %v", err)
	}
	return s
}

// want receives envelopes, which must be these and in this order.
func (c *client) want(t *testing.T, topic string, data ...string) {
	t.Helper()
	for _, d := range data {
		if got, want := c.next(t), envelope(topic, d); got != want {
			t.Fatalf("received %.200s, want %.200s", got, want)
		}
	}
}

// wantClose receives a close frame with the code, before any message, and then the end
// of the connection. It returns the reason.
func (c *client) wantClose(t *testing.T, code int) string {
	t.Helper()
	s, err := c.receive()
	var frame *closed
	if !errors.As(err, &frame) {
		t.Fatalf("received %.200q and %v, want a close frame with code %d", s, err, code)
	}
	if frame.code != code {
		t.Fatalf("%v, want code %d", frame, code)
	}
	if _, _, err := c.frame(); err == nil {
		t.Fatal("a frame came after the close frame")
	} else if nerr, ok := err.(net.Error); ok && nerr.Timeout() {
		t.Fatal("the connection is still there after the closing handshake")
	}
	c.nc.Close() // RFC 6455, section 7.1.1: the server waits for it
	return frame.reason
}
