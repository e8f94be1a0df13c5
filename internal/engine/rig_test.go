package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/livetopics/live/internal/ws"
)

// patience is how long a test waits for what must come over a real socket.
const patience = 20 * time.Second

// kinds are the sockets that a behaviour is tested over. Where there is no epoll,
// both are the same.
var kinds = []string{"epoll", "net"}

// overSockets runs f over every kind of socket.
func overSockets(t *testing.T, f func(t *testing.T, o Options)) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) { f(t, Options{NetSockets: kind == "net"}) })
	}
}

// rig is an engine under test. When the test ends, its invariants are checked, all
// peers leave, it is shut down, and nothing may be left in it.
type rig struct {
	testing.TB
	e        *Engine
	peers    []*peer
	fakes    []*fakeSocket
	patience time.Duration // how long to wait for what must come
}

func newRig(t testing.TB, o Options) *rig {
	t.Helper()
	e, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{TB: t, e: e, patience: patience}
	t.Cleanup(r.end)
	return r
}

func (r *rig) end() {
	check(r, r.e)
	for _, p := range r.peers {
		p.nc.Close()
	}
	for _, s := range r.fakes {
		s.loop.inbox.push(command{kind: cmdCall, fn: func() { s.loop.drop(s.conn, io.EOF) }})
	}
	ctx, cancel := context.WithTimeout(context.Background(), r.patience)
	defer cancel()
	if err := r.e.Shutdown(ctx, ws.CloseGoingAway, "the test is over"); err != nil {
		r.Errorf("Shutdown at the end of the test: %v", err)
		return
	}
	checkEmpty(r, r.e)
}

// dial attaches one end of a TCP connection, and returns the other.
func (r *rig) dial() *peer { return r.dialWith(&recorder{}) }

func (r *rig) dialWith(h *recorder) *peer {
	r.Helper()
	client, server := tcpPair(r)
	client.SetDeadline(time.Now().Add(patience))
	return r.attach(client, server, nil, h)
}

// pipe attaches one end of an in-memory pipe, and returns the other. It is for a
// synctest bubble, whose time may go by in great steps.
func (r *rig) pipe(h *recorder) *peer {
	r.Helper()
	r.patience = 48 * time.Hour
	client, server := net.Pipe()
	return r.attach(client, server, nil, h)
}

func (r *rig) attach(client, server net.Conn, buffered []byte, h *recorder) *peer {
	r.Helper()
	p := newPeer(r, client, h)
	h.init(&p.conn)
	r.peers = append(r.peers, p)
	if !r.e.Reserve() {
		r.Fatal("Reserve refused a place, want one")
	}
	r.e.Attach(&p.conn, server, buffered, h)
	return p
}

// fake attaches a socket of the test's own.
func (r *rig) fake(s *fakeSocket, h Handler) *Conn {
	c := attachFake(r.e, s, h)
	r.fakes = append(r.fakes, s)
	return c
}

// subscribe subscribes c, which must not be subscribed yet.
func (r *rig) subscribe(c *Conn, topics ...string) {
	r.Helper()
	for _, topic := range topics {
		if added, err := r.e.Subscribe(c, topic); !added || err != nil {
			r.Fatalf("Subscribe(%q) = %v, %v, want true, nil", topic, added, err)
		}
	}
}

// settle returns when every loop has done and written all that was wanted of it.
func (r *rig) settle() {
	r.Helper()
	for _, l := range r.e.loops {
		idle := make(chan bool, 1)
		for done := false; !done; {
			if !l.inbox.push(command{kind: cmdCall, fn: func() {
				idle <- l.inbox.size.Load() == 1 && l.cur.empty() && l.next.empty()
			}}) {
				break
			}
			done = await(r, idle, "a loop to do what it was told")
		}
	}
}

// onLoop runs f on c's loop, and waits for it.
func (r *rig) onLoop(c *Conn, f func(l *loop)) {
	r.Helper()
	done := make(chan struct{})
	c.loop.inbox.push(command{kind: cmdCall, fn: func() { defer close(done); f(c.loop) }})
	await(r, done, "a loop")
}

// await waits for a channel to be closed, or to deliver.
func await[T any](r *rig, ch <-chan T, what string) T {
	r.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(r.patience):
		r.Fatalf("waited for %s for %v", what, r.patience)
		panic("not reached")
	}
}

// tcpPair returns the two ends of a connection over loopback.
func tcpPair(t testing.TB) (client, server net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	var dialErr error
	var dial sync.WaitGroup
	dial.Go(func() { client, dialErr = net.Dial("tcp", ln.Addr().String()) })
	server, err = ln.Accept()
	dial.Wait()
	if err := errors.Join(err, dialErr); err != nil {
		t.Fatal(err)
	}
	return client, server
}

// numbered is the n'th frame of a test: a text frame that says so.
func numbered(n int) *Frame { return textFrame(fmt.Sprint(n)) }

func textFrame(s string) *Frame {
	return &Frame{Bytes: ws.AppendFrame(nil, ws.OpText, []byte(s))}
}

// names are n topic names.
func names(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("topic:%d", i)
	}
	return slices.Clip(list)
}
