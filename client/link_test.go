package client_test

import (
	"net"
	"sync"
	"testing"
)

// link passes TCP connections on, and cuts them.
type link struct {
	l     net.Listener
	group sync.WaitGroup

	mu     sync.Mutex // guards the fields below
	to     string
	conns  map[net.Conn]bool
	down   bool // refuses connections
	silent bool // passes nothing on, and ends nothing
	made   int
}

func newLink(t testing.TB, to string) *link {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := &link{l: l, to: to, conns: make(map[net.Conn]bool)}
	k.group.Go(k.accept)
	t.Cleanup(func() {
		l.Close()
		k.setDown(true)
		k.group.Wait()
	})
	return k
}

func (k *link) addr() string { return k.l.Addr().String() }

func (k *link) accept() {
	for {
		in, err := k.l.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", k.target())
		if err != nil || !k.add(in, out) {
			in.Close()
			if out != nil {
				out.Close()
			}
			continue
		}
		k.group.Go(func() { k.pass(in, out) })
		k.group.Go(func() { k.pass(out, in) })
	}
}

func (k *link) add(conns ...net.Conn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.down {
		return false
	}
	for _, c := range conns {
		k.conns[c] = true
	}
	k.made++
	return true
}

func (k *link) pass(to, from net.Conn) {
	defer closeAll(to, from)
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		k.mu.Lock()
		silent := k.silent
		k.mu.Unlock()
		if n > 0 && !silent {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// cut breaks all connections.
func (k *link) cut() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for c := range k.conns {
		if tcp, ok := c.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
		c.Close()
	}
	clear(k.conns)
}

// setDown refuses new connections, and breaks those that are.
func (k *link) setDown(down bool) {
	k.mu.Lock()
	k.down = down
	k.mu.Unlock()
	if down {
		k.cut()
	}
}

// setSilent passes nothing on while it is set.
func (k *link) setSilent(silent bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.silent = silent
}

// setTarget leads new connections to another address.
func (k *link) setTarget(to string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.to = to
}

func (k *link) target() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.to
}

func (k *link) connections() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.made
}
