package engine

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live/internal/ws"
)

// big is longer than a netSocket's buffer.
var big = strings.Repeat("x", netBuffer+1000)

func TestQueueSizeLimitsWhatWaitsInFrames(t *testing.T) {
	s := newStage(t, Options{QueueSize: 3}, 1)
	c := s.conns[0]
	s.onLoop(c, func(*loop) { s.socket(c).room = 0 })
	for n := range 3 {
		c.Send(numbered(n))
		s.settle()
	}
	if err := c.Send(numbered(3)); !errors.Is(err, ErrQueueFull) || c.Ended() {
		t.Errorf("Send to a full queue: %v, ended: %v; want ErrQueueFull and false", err, c.Ended())
	}
	s.onLoop(c, func(l *loop) { s.socket(c).room = anyRoom; l.writable(c) })
	s.wantStream(0, "0,1,2,")
	if err := c.Send(numbered(4)); err != nil {
		t.Errorf("Send to a queue that has drained: %v", err)
	}
}

func TestPublishToAFullQueueEndsTheConnection(t *testing.T) {
	for _, c := range []struct {
		name  string
		o     Options
		frame string
		fit   int // how many frames may wait
	}{
		{"in frames", Options{QueueSize: 3}, "x", 3},
		{"in bytes", Options{QueueBytes: 100}, strings.Repeat("x", 38), 2},
		{"one frame of any size", Options{QueueBytes: 100}, strings.Repeat("x", 125), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, c.o, 1)
			s.everybody("room")
			slow := s.conns[0]
			s.onLoop(slow, func(*loop) { s.socket(slow).room = 0 })
			for n := range c.fit {
				s.e.Publish("room", textFrame(c.frame), nil)
				if s.settle(); slow.Ended() {
					t.Fatalf("ended with %d frames in its queue", n+1)
				}
			}
			s.e.Publish("room", textFrame(c.frame), nil)
			if s.settle(); !slow.Ended() || !errors.Is(slow.Err(), ErrTooSlow) {
				t.Errorf("ended: %v, error %v; want true, ErrTooSlow", slow.Ended(), slow.Err())
			}
			s.onLoop(slow, func(l *loop) { s.socket(slow).room = anyRoom; l.writable(slow) })
			s.wantStream(0, "too slow,")
			if st := s.e.Stats(); st.TooSlow != 1 {
				t.Errorf("Stats counts %d, want 1", st.TooSlow)
			}
		})
	}
}

// A frame of which a part is written cannot be taken back: its rest comes first, and
// the close frame after it.
func TestTooSlowEndsWithTheFrameThatWasBegunAndACloseFrame(t *testing.T) {
	for begun := range 7 {
		t.Run(fmt.Sprintf("%d bytes", begun), func(t *testing.T) {
			s := newStage(t, Options{QueueSize: 2}, 1)
			s.everybody("room")
			slow, stream := s.conns[0], []byte(nil)
			s.onLoop(slow, func(*loop) {
				s.socket(slow).room = begun
				s.socket(slow).wrote = func(_ *Conn, b []byte) { stream = append(stream, b...) }
			})
			for n := range 4 { // of 3 bytes each
				s.e.Publish("room", numbered(n), nil)
				s.settle()
			}
			s.onLoop(slow, func(l *loop) { s.socket(slow).room = anyRoom; l.writable(slow) })
			want := "0,1,2,"[:2*((begun+2)/3)] + "too slow,"
			if begun >= 6 {
				want = "0,1,2,3,"
			}
			if got := payloads(stream); got != want {
				t.Errorf("the stream is %q, want %q", got, want)
			}
		})
	}
}

func TestPeerThatStopsReadingIsClosedAndOthersAreNotKeptWaiting(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		o.Loops, o.QueueBytes = 1, 256<<10
		r := newRig(t, o)
		slow, quick := r.dial(), r.dial()
		r.subscribe(&slow.conn, "room")
		r.subscribe(&quick.conn, "room")
		frame := textFrame(strings.Repeat("y", 60<<10))
		for n := 0; !slow.conn.Ended(); n++ {
			r.e.Publish("room", frame, nil)
			if quick.wantText(strings.Repeat("y", 60<<10)); n > 1000 {
				t.Fatal("60 MB were not too much")
			}
		}
		if err := slow.ended(); !errors.Is(err, ErrTooSlow) {
			t.Errorf("Closed with %v, want ErrTooSlow", err)
		}
		for {
			op, payload, err := slow.next()
			if op == ws.OpClose && strings.HasPrefix(payload, closePayload(CloseTooSlow, "")) {
				break
			}
			if err != nil || len(payload) != 60<<10 {
				t.Fatalf("got %v of %d bytes, error %v; want whole frames and close code 4008", op, len(payload), err)
			}
		}
		slow.send(ws.OpClose, closePayload(CloseTooSlow, ""))
		slow.wantEnd()
	})
}

func TestSocketThatTakesNothingIsGivenUpAfterWriteTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Loops: 1, NetSockets: true, WriteTimeout: 10 * time.Second, CloseTimeout: 5 * time.Second, IdleTimeout: -1})
		p := r.pipe(&recorder{})
		began := time.Now()
		p.conn.Send(textFrame(big))
		p.conn.Send(textFrame(big))
		if err := p.ended(); !errors.Is(err, ErrTooSlow) {
			t.Errorf("Closed with %v, want ErrTooSlow", err)
		}
		if d := time.Since(began); d < 10*time.Second || d > 11*time.Second {
			t.Errorf("given up after %v, want 10 s", d)
		}
		<-time.After(6 * time.Second)
		if n, err := p.nc.Read(make([]byte, 1)); err == nil {
			t.Errorf("read %d bytes, want a closed socket after CloseTimeout", n)
		}
	})
}

func TestSocketThatTakesALittleNowAndThenIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Loops: 1, NetSockets: true, WriteTimeout: 10 * time.Second, IdleTimeout: -1, QueueBytes: 64 << 20})
		p := r.pipe(&recorder{})
		for range 12 {
			p.conn.Send(textFrame(big))
		}
		for range 12 {
			<-time.After(9 * time.Second)
			p.wantText(big)
		}
		if p.conn.Ended() {
			t.Errorf("it has ended: %v", p.conn.Err())
		}
	})
}

func TestNegativeWriteTimeoutWaitsForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Loops: 1, NetSockets: true, WriteTimeout: -1, IdleTimeout: -1})
		p := r.pipe(&recorder{})
		p.conn.Send(textFrame(big))
		p.conn.Send(textFrame(big))
		<-time.After(24 * time.Hour)
		p.wantText(big, big)
	})
}
