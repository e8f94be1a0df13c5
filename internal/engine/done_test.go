package engine

import (
	"errors"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

func TestDoneEndsWithTheConnectionWhileItsHandlerIsBusy(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		gate := make(chan struct{})
		r := newRig(t, o)
		p := r.dialWith(blocked(gate))
		p.send(ws.OpText, "work")
		p.seen(1)
		done := p.conn.Done()
		select {
		case <-done:
			t.Error("done before the end")
		default:
		}
		p.nc.Close()
		await(r, done, "Done")
		await(r, p.conn.Done(), "Done of a connection that has ended")
		select {
		case <-p.h.closed:
			t.Error("Closed was called while the Handler was busy")
		default:
		}
		close(gate)
		p.ended()
	})
}

func TestAfterDoneIsCalledOnceAtTheEnd(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		p := r.dial()
		called := make(chan string, 10)
		p.conn.AfterDone(func() { called <- "first" })
		stop := p.conn.AfterDone(func() { called <- "stopped" })
		if !stop() || stop() {
			t.Error("stop says that it did nothing, or something twice")
		}
		p.conn.Close(ws.CloseNormal, "", nil)
		if got := await(r, called, "AfterDone"); got != "first" {
			t.Errorf("called: %s", got)
		}
		late := p.conn.AfterDone(func() { called <- "late" })
		if got := await(r, called, "AfterDone of an ended connection"); got != "late" || late() {
			t.Errorf("called: %s; or stop says that it came in time", got)
		}
		p.wantClose(ws.CloseNormal)
		if p.ended(); len(called) > 0 {
			t.Errorf("called besides: %s", <-called)
		}
	})
}

func TestErrSaysWhyTheConnectionEnded(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		p := r.dial()
		if err := p.conn.Err(); err != nil || p.conn.Ended() {
			t.Errorf("open: ended %v with %v", p.conn.Ended(), err)
		}
		mine := errors.New("mine")
		p.conn.Close(ws.CloseNormal, "", mine)
		if err := p.conn.Err(); !errors.Is(err, mine) || !p.conn.Ended() {
			t.Errorf("closed: ended %v with %v", p.conn.Ended(), err)
		}
		p.wantClose(ws.CloseNormal)
	})
}
