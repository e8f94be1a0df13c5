package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// Opcodes and the bit that ends a message: RFC 6455, section 5.2.
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA
	fin            = 0x80
)

// patience is how long a client waits for the server in all. It is long beside
// what a test takes, and only ever waited for where one fails.
const patience = 20 * time.Second

// handshake is the example of RFC 6455, section 1.3, and its answer.
const (
	handshake = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
	accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// client is a raw client of one connection.
type client struct {
	t    testing.TB
	conn *net.TCPConn
	in   *bufio.Reader
}

// dial connects without saying anything.
func dial(t testing.TB, addr string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return &client{t, conn.(*net.TCPConn), bufio.NewReaderSize(conn, 64<<10)}
}

// connect dials and makes the handshake.
func connect(t testing.TB, addr string) *client {
	t.Helper()
	c := dial(t, addr)
	c.send([]byte(handshake + "\r\n"))
	c.expectUpgrade()
	return c
}

// expectUpgrade reads the answer to a valid handshake.
func (c *client) expectUpgrade() http.Header {
	c.t.Helper()
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		c.t.Fatalf("no answer to the handshake: %v", err)
	}
	if resp.StatusCode != 101 || resp.Header.Get("Sec-WebSocket-Accept") != accept {
		c.t.Fatalf("the handshake is answered with %d, %v", resp.StatusCode, resp.Header)
	}
	return resp.Header
}

// send writes bytes as they are, in one write each.
func (c *client) send(writes ...[]byte) {
	c.t.Helper()
	for _, b := range writes {
		if _, err := c.conn.Write(b); err != nil {
			c.t.Fatalf("writing: %v", err)
		}
	}
}

// sendChopped writes b in pieces of n bytes.
func (c *client) sendChopped(n int, b []byte) {
	c.t.Helper()
	for len(b) > 0 {
		piece := b[:min(n, len(b))]
		c.send(piece)
		b = b[len(piece):]
	}
}

// read reads the next frame that is not a heartbeat: the server may ask with an
// empty ping at any time whether the client is still there.
func (c *client) read() (op byte, payload []byte, err error) {
	c.t.Helper()
	for {
		op, payload, err = c.readFrame()
		if err != nil || op != opPing || len(payload) > 0 {
			return op, payload, err
		}
	}
}

// readFrame reads one frame from the server: whole, not masked, no reserved bit,
// its length in the shortest form.
func (c *client) readFrame() (op byte, payload []byte, err error) {
	c.t.Helper()
	var head [10]byte
	if _, err := io.ReadFull(c.in, head[:2]); err != nil {
		return 0, nil, err
	}
	if head[0]&0xF0 != fin || head[1] >= 128 {
		return 0, nil, fmt.Errorf("the server sends a frame that begins %x: fragmented, masked or with a reserved bit", head[:2])
	}
	n, least := uint64(head[1]), uint64(0)
	switch n {
	case 126:
		_, err = io.ReadFull(c.in, head[2:4])
		n, least = uint64(binary.BigEndian.Uint16(head[2:])), 126
	case 127:
		_, err = io.ReadFull(c.in, head[2:10])
		n, least = binary.BigEndian.Uint64(head[2:]), 65536
	}
	if err != nil {
		return 0, nil, err
	}
	if n < least || n > 64<<20 {
		return 0, nil, fmt.Errorf("the server announces %d bytes as %x", n, head[:])
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(c.in, payload)
	return head[0] & 0x0F, payload, err
}

// expect reads a frame, which must be this one.
func (c *client) expect(op byte, payload []byte) {
	c.t.Helper()
	gotOp, got, err := c.read()
	if err != nil {
		c.t.Fatalf("waiting for a frame of opcode %d: %v", op, err)
	}
	if gotOp != op || !bytes.Equal(got, payload) {
		c.t.Fatalf("got a frame of opcode %d with %d bytes %.130q, want opcode %d with %d bytes %.130q",
			gotOp, len(got), got, op, len(payload), payload)
	}
}

// expectFailure reads the close frame of a server that fails the connection, with
// exactly this code and some reason, and the end of the connection, which the
// server must not wait for anybody to bring about.
func (c *client) expectFailure(code int) {
	c.t.Helper()
	op, payload, err := c.read()
	if err != nil {
		c.t.Fatalf("waiting for a close frame with %d: %v", code, err)
	}
	if op != opClose || len(payload) < 3 || int(binary.BigEndian.Uint16(payload)) != code {
		c.t.Fatalf("got a frame of opcode %d with %.130q, want a close frame with %d and a reason", op, payload, code)
	}
	c.expectEnd()
}

// expectClose reads the close frame that answers the client's own, and the end of
// the connection.
func (c *client) expectClose(payload []byte) {
	c.t.Helper()
	c.expect(opClose, payload)
	c.expectEnd()
}

// expectEnd reads the orderly end of the connection: nothing more, no reset.
func (c *client) expectEnd() {
	c.t.Helper()
	rest, err := io.ReadAll(c.in)
	if err != nil || len(rest) > 0 {
		c.t.Fatalf("want the end of the connection, got %.130q and %v", rest, err)
	}
}

// expectDropped reads the end of a connection, orderly or not.
func (c *client) expectDropped() {
	c.t.Helper()
	rest, err := io.ReadAll(c.in)
	var timeout net.Error
	if len(rest) > 0 || errors.As(err, &timeout) && timeout.Timeout() {
		c.t.Fatalf("want the end of the connection, got %.130q and %v", rest, err)
	}
}

// closeCleanly makes the closing handshake, which also shows that the server had
// nothing more to say.
func (c *client) closeCleanly() {
	c.t.Helper()
	c.send(frame(fin|opClose, code(1000)))
	c.expectClose(code(1000))
}
