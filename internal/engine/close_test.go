package engine

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live/internal/ws"
)

func TestCloseWritesWhatWasSentBeforeAndACloseFrame(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		p := r.dial()
		r.subscribe(&p.conn, "room")
		r.e.Publish("room", numbered(1), nil)
		p.conn.Send(numbered(2))
		mine := errors.New("mine")
		if !p.conn.Close(4501, "that is all", mine) {
			t.Error("Close says that the connection had ended")
		}
		r.e.Publish("room", numbered(3), nil)
		p.wantText("1", "2")
		p.want(ws.OpClose, closePayload(4501, "that is all"))
		p.send(ws.OpClose, closePayload(4501, ""))
		p.wantEnd()
		if err := p.ended(); !errors.Is(err, mine) {
			t.Errorf("Closed with %v, want what Close was given", err)
		}
	})
}

func TestClosedConnectionTakesNothing(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		p := r.dial()
		p.conn.Close(ws.CloseNormal, "", nil)
		if p.conn.Close(ws.CloseNormal, "", nil) {
			t.Error("a second Close says that it was the first")
		}
		if err := p.conn.Send(numbered(1)); !errors.Is(err, ErrClosed) {
			t.Errorf("Send: %v", err)
		}
		if _, err := r.e.Subscribe(&p.conn, "room"); !errors.Is(err, ErrClosed) {
			t.Errorf("Subscribe: %v", err)
		}
		if _, err := r.e.Unsubscribe(&p.conn, "room"); !errors.Is(err, ErrClosed) {
			t.Errorf("Unsubscribe: %v", err)
		}
		p.wantClose(ws.CloseNormal)
	})
}

func TestPeersCloseFrameIsAnswered(t *testing.T) {
	for _, c := range []struct {
		name, payload, answer string
		err                   error
	}{
		{"normal", closePayload(1000, "bye"), closePayload(1000, ""), nil},
		{"going away", closePayload(1001, ""), closePayload(1001, ""), nil},
		{"without a code", "", "", nil},
		{"its own", closePayload(4321, "why not"), closePayload(4321, ""), &CloseError{4321, "why not"}},
		{"not to be sent", closePayload(1005, ""), "", &CloseError{1002, "close code 1005 must not be sent"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			overSockets(t, func(t *testing.T, o Options) {
				p := newRig(t, o).dial()
				p.send(ws.OpClose, c.payload)
				op, answer, err := p.next()
				if err != nil || op != ws.OpClose || !strings.HasPrefix(answer, c.answer) {
					t.Errorf("the answer is %v %q, error %v; want close %q", op, answer, err, c.answer)
				}
				p.wantEnd()
				got, want := p.ended(), c.err
				if (got == nil) != (want == nil) || got != nil && got.Error() != want.Error() {
					t.Errorf("Closed with %v, want %v", got, want)
				}
			})
		})
	}
}

func TestHandlersAnswersGoOutBeforeTheAnswerToACloseFrame(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		p := r.dialWith(&recorder{onMessage: func(c *Conn, _ ws.Opcode, b []byte) { c.Send(textFrame("re " + string(b))) }})
		p.write(slices.Concat(masked(ws.OpText, "a"), masked(ws.OpText, "b"), masked(ws.OpClose, closePayload(1000, ""))))
		p.wantText("re a", "re b")
		p.want(ws.OpClose, closePayload(1000, ""))
	})
}

func TestViolationClosesWithItsCode(t *testing.T) {
	for _, c := range []struct {
		name string
		sent []byte
		code int
	}{
		{"unmasked", ws.AppendFrame(nil, ws.OpText, []byte("x")), ws.CloseProtocolError},
		{"reserved opcode", masked(3, "x"), ws.CloseProtocolError},
		{"not UTF-8", masked(ws.OpText, "\xff"), ws.CloseInvalidPayload},
		{"too big", masked(ws.OpText, strings.Repeat("x", 101)), ws.CloseTooBig},
	} {
		t.Run(c.name, func(t *testing.T) {
			overSockets(t, func(t *testing.T, o Options) {
				o.ReadLimit = 100
				p := newRig(t, o).dial()
				p.send(ws.OpText, "good")
				p.write(c.sent)
				p.wantClose(c.code)
				var bad *CloseError
				if err := p.ended(); !errors.As(err, &bad) || bad.Code != c.code {
					t.Errorf("Closed with %v, want a CloseError with code %d", err, c.code)
				}
				if got := p.seen(1); got[0] != "good" {
					t.Errorf("before the violation the Handler saw %q", got)
				}
			})
		})
	}
}

func TestPeerThatVanishesEndsTheSession(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		var topics []string
		p := r.dialWith(&recorder{onClosed: func(c *Conn) { topics = c.Topics() }})
		r.subscribe(&p.conn, "a", "b")
		p.nc.Close()
		if err := p.ended(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("Closed with %v, want io.ErrUnexpectedEOF", err)
		}
		if !slices.Equal(topics, []string{"a", "b"}) {
			t.Errorf("in Closed Topics is %q, want what it was subscribed to", topics)
		}
		if n := r.e.Subscribers("a"); n != 0 {
			t.Errorf("%d subscribers are left", n)
		}
	})
}

func TestPeerThatDoesNotAnswerACloseFrameIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Loops: 1, NetSockets: true, CloseTimeout: 5 * time.Second})
		p := r.pipe(&recorder{})
		began := time.Now()
		p.conn.Close(ws.CloseNormal, "", nil)
		p.want(ws.OpClose, closePayload(1000, ""))
		p.wantEnd()
		if d := time.Since(began); d < 5*time.Second || d > 6*time.Second {
			t.Errorf("cut off after %v, want 5 s", d)
		}
	})
}

func TestHandlerThatIsBusyWhenThePeerClosesHasCloseTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Loops: 1, NetSockets: true, CloseTimeout: 5 * time.Second})
		busy := make(chan struct{})
		p := r.pipe(&recorder{onMessage: func(*Conn, ws.Opcode, []byte) { <-busy }})
		p.send(ws.OpText, "work")
		p.send(ws.OpClose, closePayload(1000, ""))
		began := time.Now()
		p.wantEnd()
		if d := time.Since(began); d < 5*time.Second || d > 6*time.Second {
			t.Errorf("cut off after %v, want 5 s", d)
		}
		close(busy)
		if err := p.ended(); !errors.Is(err, errGivenUp) {
			t.Errorf("Closed with %v", err)
		}
	})
}

func TestSubscribeDuringCloseLeavesNothing(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		for range 50 {
			p := r.dial()
			ready := make(chan struct{})
			go func() { // owner: the test; ends with the connection
				close(ready)
				for _, name := range names(200) {
					if _, err := r.e.Subscribe(&p.conn, name); err != nil {
						return
					}
					r.e.Publish(name, numbered(1), nil)
				}
			}()
			<-ready
			p.nc.Close()
			p.ended()
		}
		if s := r.e.Stats(); s.Subscriptions != 0 || s.Topics != 0 {
			t.Errorf("after all have ended there are %d subscriptions to %d topics", s.Subscriptions, s.Topics)
		}
	})
}
