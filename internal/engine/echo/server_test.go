package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
)

// The conformance suite of RFC 6455: a raw client over TCP says to the echo server
// what a good and a bad peer could say, and is strict about the answers: every
// frame, its order, the close code, the end of the connection. Every test runs
// over both kinds of socket.

// kinds are the echo server's sockets. TestMain sets the addresses.
var kinds = []struct {
	name       string
	netSockets bool
	addr       string
}{
	{name: "epoll"},
	{name: "net", netSockets: true},
}

func TestMain(m *testing.M) {
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "the echo server:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// runAll runs the tests against a server of each kind, which must end well when it
// is told to: serve waits for every connection.
func runAll(m *testing.M) (code int, err error) {
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, len(kinds))
	running := 0
	defer func() {
		stop()
		for range running {
			err = errors.Join(err, <-served)
		}
	}()
	for i := range kinds {
		kind := &kinds[i]
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return 1, err
		}
		kind.addr = l.Addr().String()
		running++
		go func() { served <- serve(ctx, l, kind.netSockets) }() // owner: runAll, which waits for it
	}
	return m.Run(), nil
}

// onEach runs a test against the server of each kind.
func onEach(t *testing.T, test func(t *testing.T, addr string)) {
	t.Helper()
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) { test(t, kind.addr) })
	}
}
