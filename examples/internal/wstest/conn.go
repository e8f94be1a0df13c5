package wstest

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"testing"
	"time"
)

// patience is how long a connection waits for the server, in all its calls.
const patience = 10 * time.Second

// Conn is a client's connection. It belongs to the goroutine of its test.
type Conn struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

// Dial opens a WebSocket at address, such as "http://127.0.0.1:8080/ws?name=ann". The connection is cut at the
// test's end, if it still lasts.
func Dial(t testing.TB, address string) *Conn {
	t.Helper()
	c, status := handshake(t, address)
	if status != http.StatusSwitchingProtocols {
		t.Fatalf("%s answered the handshake with %d instead of 101", address, status)
	}
	return c
}

// Status returns the HTTP status that answers an attempt to open a WebSocket at address: 101 where it opens.
func Status(t testing.TB, address string) int {
	t.Helper()
	_, status := handshake(t, address)
	return status
}

// handshake makes the client's opening handshake (RFC 6455, section 4.1). The key may be the same each time:
// it guards against caches, and there is none here.
func handshake(t testing.TB, address string) (*Conn, int) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.DialTimeout("tcp", u.Host, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c := &Conn{t: t, conn: conn, in: bufio.NewReader(conn)}
	c.write(fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", u.RequestURI(), u.Host))
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		t.Fatalf("%s did not answer the handshake: %v", address, err)
	}
	return c, response.StatusCode
}

// Send sends data, a JSON value, to topic: one text frame with the founding envelope.
func (c *Conn) Send(topic, data string) {
	c.t.Helper()
	c.frame(opText, fmt.Appendf(nil, `{"topic":%q,"data":%s}`, topic, data))
}

// Next waits for the next message, which must be on topic, and decodes its data into v, a pointer.
func (c *Conn) Next(topic string, v any) {
	c.t.Helper()
	var m struct {
		Topic string
		Data  json.RawMessage
	}
	op, payload := c.read()
	if op != opText {
		c.t.Fatalf("expected a message on %q, got a frame with opcode %d: %q", topic, op, payload)
	}
	if err := json.Unmarshal(payload, &m); err != nil {
		c.t.Fatalf("expected a message on %q, got what is not JSON: %q", topic, payload)
	}
	if m.Topic != topic {
		c.t.Fatalf("expected a message on %q, got %s", topic, payload)
	}
	if err := json.Unmarshal(m.Data, v); err != nil {
		c.t.Fatalf("the data of %s: %v", payload, err)
	}
}

// Expect waits for the next message, which must be on topic and have this data, a JSON value in which spaces
// and the order of members do not matter. A message that came before, and should not have, fails it.
func (c *Conn) Expect(topic, data string) {
	c.t.Helper()
	var got, want any
	if err := json.Unmarshal([]byte(data), &want); err != nil {
		c.t.Fatalf("the expected data is not JSON: %s", data)
	}
	if c.Next(topic, &got); !reflect.DeepEqual(got, want) {
		text, _ := json.Marshal(got)
		c.t.Fatalf("on %q: got %s, want %s", topic, text, data)
	}
}

// ExpectClose waits for the server to close with code (RFC 6455, section 7.4).
func (c *Conn) ExpectClose(code int) {
	c.t.Helper()
	op, payload := c.read()
	if op != opClose || closeCode(payload) != code {
		c.t.Fatalf("expected a close frame with %d, got opcode %d: %q", code, op, payload)
	}
	c.frame(opClose, payload[:2])
	c.hangUp()
}

// Close says goodbye with 1000 and waits for the server's answer; messages that were under way are dropped.
func (c *Conn) Close() {
	c.t.Helper()
	c.frame(opClose, binary.BigEndian.AppendUint16(nil, 1000))
	c.skipTo(opClose)
	c.hangUp()
}

// hangUp ends the connection after the close handshake: the server goes first (RFC 6455, section 7.1.1).
func (c *Conn) hangUp() {
	c.t.Helper()
	if n, err := io.Copy(io.Discard, c.in); n > 0 || err != nil {
		c.t.Fatalf("after the close frame the server sent %d bytes more, error %v", n, err)
	}
	c.conn.Close()
}

// Cut ends the connection without a goodbye, as a client does that has lost its network.
func (c *Conn) Cut() { c.conn.Close() }

func (c *Conn) write(b []byte) {
	c.t.Helper()
	_ = c.conn.SetDeadline(time.Now().Add(patience))
	if _, err := c.conn.Write(b); err != nil {
		c.t.Fatal(err)
	}
}
