package engine

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live/internal/ws"
)

// noTime is the time of nothing to wait for.
var noTime time.Time

func TestWheelKnowsEveryPlaceWhateverLeaves(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	l := &loop{}
	l.wheel.init(time.Minute)
	var there []*Conn
	for range 2000 {
		if rng.IntN(5) < 3 {
			c := &Conn{loop: l, watchAt: notWatched}
			l.wheel.add(c)
			there = append(there, c)
		} else if len(there) > 0 {
			i := rng.IntN(len(there))
			l.wheel.remove(there[i])
			there = slices.Delete(there, i, i+1)
		}
		l.conns = len(there)
		k := &checker{l: l, conns: map[*Conn]bool{}}
		if k.wheel(); len(k.wrong) > 0 {
			t.Fatal(k.wrong)
		}
	}
}

func TestWheelDeadlineIsNeverEarly(t *testing.T) {
	var w wheel
	w.init(time.Minute)
	if tick := w.after(-1); w.past(tick) || tick != 0 {
		t.Errorf("without a timeout the deadline is tick %d", tick)
	}
	w.ticks = 7
	tick := w.after(5 * time.Second)
	if got := time.Duration(tick-w.ticks-1) * w.every; got < 5*time.Second || got > 5*time.Second+w.every {
		t.Errorf("5 s are %d ticks of %v, of which the first may come at once", tick-w.ticks, w.every)
	}
	if w.past(tick) {
		t.Error("the deadline has passed at once")
	}
	if w.ticks = tick; !w.past(tick) {
		t.Error("the deadline has not passed at its tick")
	}
}

// Whenever a peer is heard for the last time, it is pinged with a third of the
// timeout left to answer, and gone when the timeout is over, or one visit of its slot
// of the wheel later.
func TestSilentPeerIsPingedAndDroppedWithinTheIdleTimeout(t *testing.T) {
	for _, idle := range []time.Duration{5 * time.Second, time.Minute, 100 * time.Second, time.Hour} {
		for part := range time.Duration(10) {
			t.Run(fmt.Sprintf("%v, silent after %v", idle, part*idle/20), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { silence(t, idle, part*idle/20) })
			})
		}
	}
}

func silence(t *testing.T, idle, after time.Duration) {
	r := newRig(t, Options{Loops: 1, NetSockets: true, IdleTimeout: idle})
	p := r.pipe(&recorder{})
	var pinged time.Time
	go func() { // owner: the test; ends with the connection
		for op, _, err := p.next(); err == nil; op, _, err = p.next() {
			pinged = time.Now()
			if op != ws.OpPing {
				t.Errorf("got %v, want pings alone", op)
			}
		}
	}()
	<-time.After(after)
	p.send(ws.OpPong, "")
	began := time.Now()
	if err := p.ended(); !errors.Is(err, ErrDead) {
		t.Errorf("Closed with %v, want ErrDead", err)
	}
	synctest.Wait()
	gone, slack := time.Since(began), idle/(revolutions*spokes)+time.Second
	if gone > idle+slack || gone < idle*6/10 {
		t.Errorf("gone %v after it was last heard, want %v", gone, idle)
	}
	if left := time.Since(pinged); left < idle/3-slack {
		t.Errorf("it had %v to answer the ping, want a third of %v", left, idle)
	}
	if s := r.e.Stats(); s.Dead != 1 {
		t.Errorf("Stats counts %d dead, want 1", s.Dead)
	}
}

func TestPeerThatAnswersPingsStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Loops: 1, NetSockets: true, IdleTimeout: time.Minute})
		p := r.pipe(&recorder{})
		for began := time.Now(); time.Since(began) < time.Hour; {
			p.want(ws.OpPing, "")
			p.send(ws.OpPong, "")
		}
		if p.conn.Ended() {
			t.Error("the connection has ended")
		}
	})
}

func TestPeerThatTalksIsNeverPinged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Loops: 1, NetSockets: true, IdleTimeout: time.Minute})
		h := &recorder{}
		p := r.pipe(h)
		h.onMessage = func(c *Conn, _ ws.Opcode, b []byte) { c.Send(&Frame{Bytes: ws.AppendFrame(nil, ws.OpText, b)}) }
		for range 100 {
			<-time.After(15 * time.Second)
			p.send(ws.OpText, "still here")
			p.wantText("still here")
		}
	})
}

func TestNegativeIdleTimeoutPingsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Loops: 1, NetSockets: true, IdleTimeout: -1})
		p := r.pipe(&recorder{})
		<-time.After(24 * time.Hour)
		p.conn.Send(textFrame("good morning"))
		p.wantText("good morning")
	})
}

func TestFirstConnectionAfterALongPauseIsNotPingedEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Loops: 1, NetSockets: true, IdleTimeout: time.Minute})
		<-time.After(24 * time.Hour)
		p := r.pipe(&recorder{})
		began := time.Now()
		p.want(ws.OpPing, "")
		if d := time.Since(began); d < 19*time.Second {
			t.Errorf("pinged after %v, want a third of the timeout", d)
		}
	})
}

func TestPeerThatIsNotReadIsNotTakenForDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Loops: 1, NetSockets: true, IdleTimeout: time.Minute, MailboxSize: 2})
		gate := make(chan struct{})
		p := r.pipe(blocked(gate))
		for range 3 { // one for the Handler, two that fill its mailbox
			p.send(ws.OpText, "x")
			synctest.Wait()
		}
		<-time.After(time.Hour)
		if p.conn.Ended() {
			t.Errorf("ended with %v while its Handler was busy", p.conn.Err())
		}
		close(gate)
		p.seen(3)
		p.want(ws.OpPing, "")
	})
}
