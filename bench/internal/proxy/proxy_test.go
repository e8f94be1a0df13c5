package proxy_test

import (
	"bufio"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/livetopics/live/bench/internal/proxy"
)

// echo serves at the address it returns, which sends back what it gets, until the test ends.
func echo(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() { // owner: the test; ends when ln is closed
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			running.Go(func() { // owner: the test; ends when the proxy closes its connections
				defer c.Close()
				_, _ = io.Copy(c, c)
			})
		}
	})
	t.Cleanup(func() {
		ln.Close()
		running.Wait()
	})
	return ln.Addr().String()
}

// ask sends a line and waits for it to come back.
func ask(c net.Conn) error {
	if _, err := io.WriteString(c, "hello\n"); err != nil {
		return err
	}
	_, err := bufio.NewReader(c).ReadString('\n')
	return err
}

func TestConnectionsArePassedOnUntilTheyAreCut(t *testing.T) {
	p, err := proxy.New(echo(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	c, err := net.Dial("tcp", p.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 3 {
		if err := ask(c); err != nil {
			t.Fatal(err)
		}
	}
	if p.Turns() != 3 {
		t.Errorf("3 questions are %d turns", p.Turns())
	}
	p.Cut()
	if err := ask(c); err == nil {
		t.Error("a connection that was cut goes on")
	}
	if c, err := net.Dial("tcp", p.Addr); err == nil {
		c.Close()
		t.Error("a proxy that was cut takes a connection")
	}
	if err := p.Restore(); err != nil {
		t.Fatal(err)
	}
	again, err := net.Dial("tcp", p.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := ask(again); err != nil {
		t.Errorf("after it was restored: %v", err)
	}
}
