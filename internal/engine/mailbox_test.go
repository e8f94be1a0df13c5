package engine

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// blocked is a Handler whose first message keeps it busy until the gate opens.
func blocked(gate chan struct{}) *recorder {
	return &recorder{onMessage: func(*Conn, ws.Opcode, []byte) { <-gate }}
}

// hears has the loop receive bytes for c, as if its socket had read them.
func (s *stage) hears(c *Conn, b []byte) {
	s.Helper()
	s.onLoop(c, func(l *loop) { l.received(c, b) })
}

func TestFullMailboxStopsReadingUntilTheHandlerGoesOn(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		fit  int // how many messages of 10 bytes do not fill the mailbox
	}{
		{"in messages", Options{MailboxSize: 4}, 3},
		{"in bytes", Options{ReadLimit: 20}, 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, c.o, 0)
			gate, busy := make(chan struct{}), make(chan struct{})
			h := &recorder{onMessage: func(_ *Conn, _ ws.Opcode, b []byte) {
				if string(b) == "first" {
					close(busy)
				}
				<-gate
			}}
			h.init(nil)
			conn := s.join(h)
			s.hears(conn, masked(ws.OpText, "first"))
			await(s.rig, busy, "the Handler to be busy")
			for n := range c.fit {
				if s.hears(conn, masked(ws.OpText, fmt.Sprintf("message %2d", n))); !s.reads(conn) {
					t.Fatalf("not read any more with %d messages in the mailbox", n+1)
				}
			}
			if s.hears(conn, masked(ws.OpText, "the fourth")); s.reads(conn) {
				t.Error("read on with a full mailbox")
			}
			close(gate)
			for !s.reads(conn) { // the Handler's goroutine is on its way
				runtime.Gosched()
			}
		})
	}
}

func (s *stage) reads(c *Conn) (reads bool) {
	s.onLoop(c, func(*loop) { reads = s.socket(c).reads })
	return reads
}

func TestMessagesToABusyHandlerAllArriveInOrder(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		o.MailboxSize = 4
		gate := make(chan struct{})
		r := newRig(t, o)
		p := r.dialWith(blocked(gate))
		const n = 20000
		var flood []byte
		for i := range n {
			flood = append(flood, masked(ws.OpText, fmt.Sprint(i))...)
		}
		go p.nc.Write(flood) // owner: the test; ends when all is read, or with the connection
		p.seen(1)
		close(gate)
		for i, got := range p.seen(n) {
			if got != fmt.Sprint(i) {
				t.Fatalf("message %d is %q", i, got)
			}
		}
	})
}

func TestHandlerThatBlocksDelaysNobodyElse(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		o.Loops = 1
		gate := make(chan struct{})
		defer close(gate)
		r := newRig(t, o)
		slow := r.dialWith(blocked(gate))
		slow.send(ws.OpText, "block")
		slow.seen(1)
		p := r.dialWith(&recorder{onMessage: func(c *Conn, _ ws.Opcode, b []byte) { c.Send(textFrame(string(b))) }})
		p.send(ws.OpText, "hello")
		p.wantText("hello")
		slow.conn.Send(textFrame("out goes on"))
		slow.wantText("out goes on")
	})
}

func TestMessagesThatWaitWhenCloseIsCalledAreDropped(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		gate := make(chan struct{})
		r := newRig(t, o)
		p := r.dialWith(blocked(gate))
		p.write(slices.Concat(masked(ws.OpText, "1"), masked(ws.OpText, "2"), masked(ws.OpPing, "")))
		p.want(ws.OpPong, "")
		p.seen(1)
		p.conn.Close(ws.CloseNormal, "", nil)
		close(gate)
		p.wantClose(ws.CloseNormal)
		if p.ended(); len(p.h.messages) != 1 {
			t.Errorf("the Handler saw %q after Close", p.h.messages[1:])
		}
	})
}

func TestHandlerThatCallsGoexitHearsOfTheRest(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		p := r.dialWith(&recorder{onMessage: func(_ *Conn, _ ws.Opcode, b []byte) {
			if strings.HasPrefix(string(b), "exit") {
				runtime.Goexit()
			}
		}})
		p.write(slices.Concat(masked(ws.OpText, "exit 1"), masked(ws.OpText, "a"), masked(ws.OpText, "exit 2"), masked(ws.OpText, "b")))
		if got := p.seen(4); !slices.Equal(got, []string{"exit 1", "a", "exit 2", "b"}) {
			t.Errorf("the Handler saw %q", got)
		}
		p.nc.Close()
		p.ended()
	})
}

// goexits is a Handler that ends its goroutine wherever it can.
type goexits struct{ calls atomic.Int32 }

func (h *goexits) Opened()                   { h.calls.Add(1); runtime.Goexit() }
func (h *goexits) Message(ws.Opcode, []byte) { h.calls.Add(1); runtime.Goexit() }
func (h *goexits) Closed(error)              { h.calls.Add(1); runtime.Goexit() }
func (h *goexits) Behind(Held, uint64)       {}

func TestShutdownDoesNotWaitForAHandlerThatCalledGoexit(t *testing.T) {
	s := newStage(t, Options{}, 0)
	h := &goexits{}
	c := s.join(h)
	s.subscribe(c, "room")
	s.hears(c, masked(ws.OpText, "x"))
	s.onLoop(c, func(l *loop) { l.drop(c, io.EOF) })
	s.e.live.Wait()
	if n := h.calls.Load(); n != 3 {
		t.Errorf("%d calls, want Opened, Message and Closed once each", n)
	}
}

func TestPayloadIsTheHandlersToKeep(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		kept := make(chan []byte, 2)
		p := r.dialWith(&recorder{onMessage: func(_ *Conn, _ ws.Opcode, b []byte) { kept <- b }})
		p.send(ws.OpText, "first")
		first := await(r, kept, "a message")
		p.send(ws.OpText, "other")
		await(r, kept, "a message")
		if string(first) != "first" {
			t.Errorf("the first payload has become %q", first)
		}
	})
}
