package live_test

import (
	"bufio"
	"crypto/tls"
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
	nc, err := r.connect()
	if err != nil {
		return nil, nil, err
	}
	return r.askOver(nc, edit...)
}

// askOver is ask over a connection that is there.
func (r *rig) askOver(nc net.Conn, edit ...func(*request)) (*client, *http.Response, error) {
	q := &request{line: "GET /ws HTTP/1.1", host: r.http.Listener.Addr().String(), header: http.Header{
		"Upgrade": {"websocket"}, "Connection": {"Upgrade"},
		"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
	}}
	for _, f := range edit {
		f(q)
	}
	nc.SetDeadline(time.Now().Add(patience))
	br := bufio.NewReaderSize(nc, 1024)
	_, err := nc.Write(q.bytes())
	if err == nil {
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
