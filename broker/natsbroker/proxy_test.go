package natsbroker_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// proxy stands between brokers and a server, so that the connection can be cut.
type proxy struct {
	listener net.Listener
	to       string
	run      sync.WaitGroup

	mu      sync.Mutex // guards the fields below
	refuses bool
	held    chan struct{} // not nil while nothing goes through; closed when it does again
	conns   map[net.Conn]bool
}

// newProxy makes a proxy that ends with the test.
func newProxy(t *testing.T, url string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, to: strings.TrimPrefix(url, "nats://"), conns: make(map[net.Conn]bool)}
	p.run.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close()
		p.cut()
		p.release()
		p.run.Wait()
	})
	return p
}

func (p *proxy) url() string { return "nats://" + p.listener.Addr().String() }

func (p *proxy) accept() {
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.run.Go(func() { p.serve(in) })
	}
}

func (p *proxy) serve(in net.Conn) {
	out, err := net.Dial("tcp", p.to)
	if err != nil {
		_ = in.Close()
		return
	}
	p.mu.Lock()
	if p.refuses {
		_ = in.Close()
		_ = out.Close()
	}
	p.conns[in], p.conns[out] = true, true
	p.mu.Unlock()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], gate{p, way[1]})
			_ = way[0].Close()
			_ = way[1].Close()
		})
	}
	both.Wait()
	p.mu.Lock()
	delete(p.conns, in)
	delete(p.conns, out)
	p.mu.Unlock()
}

// cut ends all connections and lets none through.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuses = true
	for c := range p.conns {
		_ = c.Close()
	}
}

// mend lets connections through again.
func (p *proxy) mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuses = false
}

// hold lets nothing through, and leaves the connections open.
func (p *proxy) hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = make(chan struct{})
}

// release ends hold.
func (p *proxy) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held != nil {
		close(p.held)
		p.held = nil
	}
}

// gate reads from one end of a connection, when the proxy lets it through.
type gate struct {
	p    *proxy
	from io.Reader
}

func (g gate) Read(b []byte) (int, error) {
	n, err := g.from.Read(b)
	g.p.mu.Lock()
	held := g.p.held
	g.p.mu.Unlock()
	if held != nil {
		<-held
	}
	return n, err
}
