package live_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/livetopics/live"
)

func TestASilentPeerIsGoneAfterTheIdleTimeout(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{Timeouts: live.Timeouts{Idle: 150 * time.Millisecond}})
		c, s := r.pair(t)
		c.silent = true // as one is whose network has gone
		r.subscribe(t, s, "n")
		end := within(t, "OnClose", r.left)
		wantCode(t, end.err, 1006)
		if !errors.Is(end.err, live.ErrIdle) {
			t.Errorf("OnClose had %v, want ErrIdle", end.err)
		}
		if st := r.server.Stats(); st.ClosedSilent != 1 || st.Sessions != 0 || st.Topics != 0 {
			t.Errorf("Stats: %+v", st)
		}
		if _, err := c.receive(); err == nil || len(c.pings) == 0 {
			t.Errorf("the client was not asked first: %d pings, then %v", len(c.pings), err)
		}
	})
}

func TestAPeerThatAnswersPingsStays(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{Timeouts: live.Timeouts{Idle: 750 * time.Millisecond}})
		c, s := r.pair(t)
		last := make(chan string, 1)
		go func() { // ends with the message
			message, err := c.receive()
			if err != nil {
				message = err.Error()
			}
			last <- message
		}()
		for range 3 { // each comes half a second after the one before
			within(t, "a ping", c.pings)
		}
		s.Send(live.Message{Topic: "still", Data: []byte("true")})
		if got := within(t, "the message", last); got != envelope("still", "true") {
			t.Errorf("received %s", got)
		}
	})
}

func TestAnIdleTimeoutOfMinusOneIsNone(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{Timeouts: live.Timeouts{Idle: -1, Write: -1}, OnMessage: echo})
		c := r.dial(t)
		c.send(t, "a", "1")
		c.want(t, "a", "1")
	})
}

func TestAPingIsAnsweredWithItsPayload(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c := r.dial(t)
		c.raw(t, frame(true, opPing, "are you there?"))
		if op, payload, err := c.frame(); op != opPong || payload != "are you there?" || err != nil {
			t.Errorf("received opcode %#x, %q, %v", op, payload, err)
		}
	})
}

func TestASessionWhoseHookIsBusyIsNotTakenForDead(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const idle = 300 * time.Millisecond
		entered, release := make(chan bool, 10_000), make(chan struct{})
		r := serve(t, kind, live.Options{
			Timeouts: live.Timeouts{Idle: idle},
			OnMessage: func(context.Context, *live.Session, string, []byte) {
				entered <- true
				<-release
			},
		})
		c, s := r.pair(t)
		defer close(release)
		var flood []byte
		for range 10_000 { // the mailbox is full, and nothing more is read, not even a pong
			flood = append(flood, frame(true, opText, envelope("n", "1"))...)
		}
		c.raw(t, flood)
		within(t, "OnMessage", entered)
		go c.receive() // answers pings; ends with the connection
		select {
		case <-s.Context().Done():
			t.Errorf("the server did not read, and then said: %v", s.CloseError())
		case <-time.After(4 * idle):
		}
	})
}
