package proxy

import (
	"fmt"
	"net"
	"sync"
	"sync/atomic"
)

// Proxy is a listener on loopback whose connections are passed on. Its methods are safe for concurrent use, but
// for Cut, Restore and Close, which are for one goroutine.
type Proxy struct {
	Addr string // host:port of its listener, the same after Restore

	target  string
	turns   atomic.Int64
	running sync.WaitGroup

	mu    sync.Mutex // guards what follows
	ln    net.Listener
	conns map[net.Conn]struct{}
	cut   bool
}

// New returns a proxy for the server at target, host:port. Close ends it.
func New(target string) (*Proxy, error) {
	p := &Proxy{target: target, conns: make(map[net.Conn]struct{})}
	return p, p.listen("127.0.0.1:0")
}

func (p *Proxy) listen(addr string) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("proxy: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Addr, p.ln, p.cut = ln.Addr().String(), ln, false
	p.running.Go(func() { p.accept(ln) }) // owner: p; ends when ln is closed
	return nil
}

func (p *Proxy) accept(ln net.Listener) {
	for {
		near, err := ln.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.serve(near) }) // owner: p; ends when either side is closed
	}
}

// Turns is how often a client has sent something after it had been sent something, or at first, over all
// connections: the round trips, where those that go on at once over one connection count as one.
func (p *Proxy) Turns() int64 { return p.turns.Load() }

// Cut cuts all connections, and refuses new ones until Restore.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
	p.ln.Close()
	for c := range p.conns {
		c.Close()
	}
}

// Restore takes connections again after Cut, at the same address.
func (p *Proxy) Restore() error { return p.listen(p.Addr) }

// Close cuts all connections and waits for the goroutines that served them.
func (p *Proxy) Close() {
	p.Cut()
	p.running.Wait()
}

// hold keeps c to be closed by Cut. It closes c and returns false where that has been.
func (p *Proxy) hold(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut {
		c.Close()
		return false
	}
	p.conns[c] = struct{}{}
	return true
}

// drop closes c.
func (p *Proxy) drop(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
	c.Close()
}
