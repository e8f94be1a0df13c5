// Package wstest is a WebSocket client for tests: it waits for what a test expects
// and fails the test when it does not come.
package wstest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// patience is how long a client waits for anything.
const patience = 10 * time.Second

// Client is one connection. It is for one goroutine, its test's.
type Client struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

// Frame is one text frame: what a server sends.
type Frame struct {
	Topic string
	Data  json.RawMessage
}

// Dial connects to ws://addr/ws and closes the connection at the test's end. It
// fails the test if the server does not upgrade.
func Dial(t testing.TB, addr string) *Client {
	t.Helper()
	c, resp := Try(t, addr, nil)
	if resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("dial %s: %s", addr, resp.Status)
	}
	return c
}

// Try asks for an upgrade, with headers of its own if there are any, and returns the
// answer, whatever it is. Its body is not to be read.
func Try(t testing.TB, addr string, header http.Header) (*Client, *http.Response) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience)) // a connection without one is as good until the test times out
	req, err := http.NewRequest(http.MethodGet, "http://"+addr+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		req.Header = header.Clone()
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "websocket")
	req.Header.Set("Sec-WebSocket-Version", "13")
	req.Header.Set("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")
	if host := header.Get("Host"); host != "" {
		req.Host = host
	}
	if err := req.Write(conn); err != nil {
		t.Fatal(err)
	}
	c := &Client{t: t, conn: conn, r: bufio.NewReader(conn)}
	resp, err := http.ReadResponse(c.r, req)
	if err != nil {
		t.Fatal(err)
	}
	return c, resp
}

// Send sends one frame; data is JSON as it stands, "" for a frame without data.
func (c *Client) Send(topic, data string) {
	c.t.Helper()
	text := fmt.Sprintf(`{"topic":%q,"data":%s}`, topic, data)
	if data == "" {
		text = fmt.Sprintf(`{"topic":%q}`, topic)
	}
	c.SendText(text)
}

// SendText sends a text message as it is.
func (c *Client) SendText(text string) {
	c.t.Helper()
	if _, err := c.conn.Write(appendFrame(nil, opText, []byte(text))); err != nil {
		c.t.Fatalf("send %s: %v", text, err)
	}
}

// Next returns the next text frame. It answers nothing and skips pings.
func (c *Client) Next() Frame {
	c.t.Helper()
	var f Frame
	c.NextInto(&f)
	return f
}

// NextInto decodes the next text message into v.
func (c *Client) NextInto(v any) {
	c.t.Helper()
	for {
		op, payload := c.read()
		switch op {
		case opText:
			if err := json.Unmarshal(payload, v); err != nil {
				c.t.Fatalf("received %q: %v", payload, err)
			}
			return
		case opClose:
			c.t.Fatalf("closed while a frame was expected: %q", payload)
		}
	}
}

// Expect waits for the next frame of that topic, skipping others, and decodes its
// data into v.
func (c *Client) Expect(topic string, v any) {
	c.t.Helper()
	for {
		f := c.Next()
		if f.Topic != topic {
			continue
		}
		if err := json.Unmarshal(f.Data, v); err != nil {
			c.t.Fatalf("%s: %s: %v", topic, f.Data, err)
		}
		return
	}
}

// ExpectClose waits for the close frame, skipping all before it, and returns its
// code and reason (RFC 6455, section 5.5.1). It leaves it unanswered.
func (c *Client) ExpectClose() (code int, reason string) {
	c.t.Helper()
	for {
		op, payload := c.read()
		if op != opClose {
			continue
		}
		if len(payload) < 2 {
			return 1005, ""
		}
		return int(payload[0])<<8 | int(payload[1]), string(payload[2:])
	}
}

// Hangup cuts the connection without a close frame.
func (c *Client) Hangup() { c.conn.Close() }

func (c *Client) read() (op byte, payload []byte) {
	c.t.Helper()
	_ = c.conn.SetReadDeadline(time.Now().Add(patience)) // as in Try
	op, payload, err := readFrame(c.r)
	if err != nil {
		if err == io.EOF {
			c.t.Fatal("the server hung up without a close frame")
		}
		c.t.Fatalf("waiting for a frame: %v", err)
	}
	return op, payload
}
