package engine

import (
	"syscall"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// withoutDescriptors runs f while the process can open nothing.
func withoutDescriptors(t *testing.T, f func()) {
	t.Helper()
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	free := dup(0) // the lowest that is free
	if free < 0 {
		t.Fatal("there is no free descriptor to begin with")
	}
	syscall.Close(free)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: uint64(free), Max: was.Max}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
			t.Fatal(err)
		}
	}()
	f()
}

func TestConnectionIsServedWithoutAFurtherDescriptor(t *testing.T) {
	r := newRig(t, Options{Loops: 1})
	client, server := tcpPair(t)
	h := &recorder{onMessage: func(c *Conn, _ ws.Opcode, b []byte) { c.Send(textFrame(string(b))) }}
	var p *peer
	withoutDescriptors(t, func() { p = r.attach(client, server, nil, h) })
	if _, ok := p.conn.sock.(*netSocket); !ok {
		t.Errorf("the socket is a %T, want a *netSocket", p.conn.sock)
	}
	p.send(ws.OpText, "hello")
	p.wantText("hello")
	again := r.dial()
	if _, ok := again.conn.sock.(*epollSocket); !ok {
		t.Errorf("with descriptors again the socket is a %T, want an *epollSocket", again.conn.sock)
	}
}

func TestNewFailsWithoutDescriptorsAndLeavesNothing(t *testing.T) {
	before := descriptors()
	withoutDescriptors(t, func() {
		if e, err := New(Options{Loops: 3}); err == nil {
			t.Errorf("New returned %v, want an error", e)
		}
	})
	if after := descriptors(); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}
