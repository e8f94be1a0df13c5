package livetest

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// subprotocol is what a client offers by default.
const subprotocol = "live.v1"

// DialError is a connection that was refused, before it was one.
type DialError struct {
	Status  int    // of the HTTP answer; 0 if there was none in time
	Message string // its body, without the last line end
}

// Error gives the status and the message.
func (e *DialError) Error() string {
	return fmt.Sprintf("refused with status %d: %s", e.Status, e.Message)
}

// Dial connects a client, in memory, through the server's Handler. When it returns,
// OnConnect has, or the server has closed the connection: a client that offers live.v1,
// as this one does by default, is told by a close frame that OnAuth or a limit refuses it
// (ExpectClosed). A connection that is refused with an HTTP status, or whose OnConnect
// takes more than 30 s, fails the test; TryDial returns it.
//
// The client is t's: its methods fail t, and it leaves when the server stops.
func (s *Server) Dial(t testing.TB, opts ...DialOption) *Client {
	t.Helper()
	c, refused := s.TryDial(t, opts...)
	if refused != nil {
		t.Fatalf("livetest: Dial was %v", refused)
	}
	return c
}

// TryDial is Dial for connections that may be refused. It returns a client or an error,
// never both.
func (s *Server) TryDial(t testing.TB, opts ...DialOption) (*Client, *DialError) {
	t.Helper()
	d := dialling{header: http.Header{}, query: url.Values{}, remote: "192.0.2.1:1234"}
	for _, opt := range opts {
		opt(&d)
	}
	offered := d.header.Get("Sec-WebSocket-Protocol")
	switch {
	case d.plain:
		d.header.Del("Sec-WebSocket-Protocol")
	case offered == "":
		d.header.Set("Sec-WebSocket-Protocol", subprotocol)
	}
	if !d.plain && !d.query.Has("client") {
		d.query.Set("client", fmt.Sprintf("livetest-%d", s.named.Add(1)))
	}
	c := newClient(t, s, d)
	if refused := c.connect(); refused != nil {
		return nil, refused
	}
	s.add(c)
	return c, nil
}

// versioned reports whether the client offers live.v1.
func (d *dialling) versioned() bool {
	for name := range strings.SplitSeq(d.header.Get("Sec-WebSocket-Protocol"), ",") {
		if strings.TrimSpace(name) == subprotocol {
			return true
		}
	}
	return false
}

// request is the opening handshake's (RFC 6455, section 4.1).
func (d *dialling) request(ctx context.Context) *http.Request {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "http://livetest/?"+d.query.Encode(), nil)
	r.RemoteAddr = d.remote
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Sec-WebSocket-Version", "13")
	r.Header.Set("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")
	maps.Copy(r.Header, d.header)
	return r
}

// upgrade makes the opening handshake, and returns the client's end of the connection.
func (s *Server) upgrade(d *dialling, v *visit) (*end, *bufio.Reader, *DialError) {
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), visitKey{}, v))
	defer cancel() // as an HTTP server does when the handler has returned
	client, server := newPipe(d.remote)
	w := &response{ResponseRecorder: httptest.NewRecorder(), conn: server}
	r := d.request(ctx)
	s.Handler().ServeHTTP(w, r)
	if !w.hijacked {
		client.Close()
		return nil, nil, &DialError{w.Code, strings.TrimSpace(w.Body.String())}
	}
	in := bufio.NewReader(client)
	answer, err := http.ReadResponse(in, r)
	if err == nil && answer.StatusCode == http.StatusSwitchingProtocols {
		return client, in, nil
	}
	client.Close()
	if err != nil {
		return nil, nil, &DialError{0, fmt.Sprintf("no HTTP answer: %v", err)}
	}
	return nil, nil, &DialError{answer.StatusCode, answer.Status}
}
