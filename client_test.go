package live_test

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live"
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

// request is an upgrade request.
type request struct {
	line   string // without HTTP/1.1 and so on, where the test did not change it
	host   string
	header http.Header
	early  []byte // sent in one piece with the request
}

func (q *request) bytes() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\r\nHost: %s\r\n", q.line, q.host)
	q.header.Write(&b)
	b.WriteString("\r\n")
	return append([]byte(b.String()), q.early...)
}

func header(name, value string) func(*request) {
	return func(q *request) { q.header.Set(name, value) }
}

// connect opens a connection to the HTTP server.
func (r *rig) connect() (net.Conn, error) {
	addr := r.http.Listener.Addr().String()
	nc, err := net.DialTimeout("tcp", addr, patience)
	if err != nil || !r.kind.tls {
		return nc, err
	}
	return tls.Client(nc, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}}), nil
}

// ask sends an upgrade request and returns the answer, with the client if it is 101.
func (r *rig) ask(edit ...func(*request)) (*client, *http.Response, error) {
	q := &request{line: "GET /ws HTTP/1.1", host: r.http.Listener.Addr().String(), header: http.Header{
		"Upgrade": {"websocket"}, "Connection": {"Upgrade"},
		"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
	}}
	for _, f := range edit {
		f(q)
	}
	nc, err := r.connect()
	if err != nil {
		return nil, nil, err
	}
	nc.SetDeadline(time.Now().Add(patience))
	br := bufio.NewReaderSize(nc, 1024)
	if _, err = nc.Write(q.bytes()); err == nil {
		var answer *http.Response
		if answer, err = http.ReadResponse(br, &http.Request{Method: "GET"}); err == nil {
			if answer.StatusCode == http.StatusSwitchingProtocols {
				return &client{nc: nc, br: br, pings: make(chan string, 64)}, answer, nil
			}
			body, _ := io.ReadAll(answer.Body)
			answer.Body = io.NopCloser(strings.NewReader(string(body)))
			nc.Close()
			return nil, answer, nil
		}
	}
	nc.Close()
	return nil, nil, err
}

// open connects a client, for goroutines that have no test to fail.
func (r *rig) open(edit ...func(*request)) (*client, error) {
	c, answer, err := r.ask(edit...)
	if err == nil && c == nil {
		err = errors.New("upgrade refused: " + answer.Status)
	}
	return c, err
}

// dial connects a client until the end of the test.
func (r *rig) dial(t *testing.T, edit ...func(*request)) *client {
	t.Helper()
	c, err := r.open(edit...)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() { c.nc.Close() })
	return c
}

// pair connects a client, and returns its session too. It is for tests that connect
// one client after the other.
func (r *rig) pair(t *testing.T, edit ...func(*request)) (*client, *live.Session) {
	t.Helper()
	c := r.dial(t, edit...)
	return c, within(t, "the session", r.joined)
}

// refused sends an upgrade request that must be refused, and returns the answer with
// its body.
func (r *rig) refused(t *testing.T, status int, edit ...func(*request)) (*http.Response, string) {
	t.Helper()
	c, answer, err := r.ask(edit...)
	if err != nil {
		t.Fatalf("upgrade request: %v", err)
	}
	if c != nil {
		c.nc.Close()
	}
	if answer.StatusCode != status {
		t.Fatalf("answered %s, want %d", answer.Status, status)
	}
	body, _ := io.ReadAll(answer.Body)
	return answer, string(body)
}

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
