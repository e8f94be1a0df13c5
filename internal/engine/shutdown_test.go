package engine

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live/internal/ws"
)

// shutdown runs Shutdown in a goroutine; the channel has what it returned.
func (r *rig) shutdown(ctx context.Context) <-chan error {
	done := make(chan error, 1)
	go func() { done <- r.e.Shutdown(ctx, ws.CloseGoingAway, "the server leaves") }() // owner: the test; ends with Shutdown
	return done
}

func TestShutdownWritesWhatIsQueuedAndACloseFrame(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		p := r.dial()
		r.subscribe(&p.conn, "room")
		r.e.Publish("room", numbered(1), nil)
		done := r.shutdown(context.Background())
		p.wantText("1")
		p.want(ws.OpClose, closePayload(ws.CloseGoingAway, "the server leaves"))
		p.send(ws.OpClose, closePayload(ws.CloseGoingAway, ""))
		p.wantEnd()
		p.nc.Close()
		if err := await(r, done, "Shutdown"); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := p.ended(); err != nil {
			t.Errorf("Closed with %v, want nil", err)
		}
	})
}

func TestShutdownWaitsForEveryHandler(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		gate := make(chan struct{})
		r := newRig(t, o)
		p := r.dialWith(blocked(gate))
		p.send(ws.OpText, "work")
		p.seen(1)
		done := r.shutdown(context.Background())
		p.wantClose(ws.CloseGoingAway)
		p.nc.Close()
		select {
		case err := <-done:
			t.Errorf("Shutdown returned %v while a Handler was busy", err)
		default:
		}
		close(gate)
		if err := await(r, done, "Shutdown"); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		p.ended()
	})
}

func TestShutdownCutsEverythingOffWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Loops: 2, NetSockets: true, CloseTimeout: time.Hour, IdleTimeout: -1, WriteTimeout: -1})
		gate := make(chan struct{})
		busy, deaf := r.pipe(blocked(gate)), r.pipe(&recorder{})
		busy.send(ws.OpText, "work")
		busy.seen(1)
		deaf.conn.Send(textFrame(big))
		began := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if err := r.e.Shutdown(ctx, ws.CloseGoingAway, ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v, want the context's error", err)
		}
		if d := time.Since(began); d != 3*time.Second {
			t.Errorf("Shutdown took %v, want 3 s", d)
		}
		deaf.ended()
		select {
		case <-busy.h.closed:
			t.Error("Closed was called while the Handler was busy")
		default:
		}
		close(gate)
		busy.ended()
	})
}

func TestReserveIsRefusedOnceShutdownHasBegun(t *testing.T) {
	r := newRig(t, Options{})
	if err := r.e.Shutdown(context.Background(), ws.CloseGoingAway, ""); err != nil {
		t.Fatal(err)
	}
	if r.e.Reserve() {
		t.Error("a place was kept")
	}
	if err := r.e.Shutdown(context.Background(), ws.CloseGoingAway, ""); err != nil {
		t.Errorf("a second Shutdown: %v", err)
	}
}

func TestReservedConnectionIsServedAGoodbye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Options{Loops: 2, NetSockets: true})
		r.e.Reserve()
		r.e.Reserve()
		done := r.shutdown(context.Background())
		synctest.Wait()
		if len(done) > 0 {
			t.Fatal("Shutdown did not wait for the places that were kept")
		}
		client, server := net.Pipe()
		h := &recorder{}
		p := newPeer(r, client, h)
		h.init(&p.conn)
		r.patience = time.Hour
		r.e.Attach(&p.conn, server, nil, h)
		p.wantClose(ws.CloseGoingAway)
		p.wantEnd()
		synctest.Wait()
		if len(done) > 0 {
			t.Fatal("Shutdown did not wait for the second place")
		}
		r.e.Release()
		if err := <-done; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := p.ended(); err != nil {
			t.Errorf("Closed with %v, want nil", err)
		}
	})
}

func TestConnectionThatComesAfterTheEndIsOpenedAndClosed(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		r := newRig(t, o)
		r.e.Reserve()
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		if err := r.e.Shutdown(ended, ws.CloseGoingAway, ""); !errors.Is(err, context.Canceled) {
			t.Errorf("Shutdown: %v, want the context's error", err)
		}
		client, server := tcpPair(t)
		client.SetDeadline(time.Now().Add(patience))
		h := &recorder{}
		p := newPeer(r, client, h)
		h.init(&p.conn)
		r.e.Attach(&p.conn, server, nil, h)
		await(r, h.opened, "Opened")
		if err := p.ended(); !errors.Is(err, ErrClosed) {
			t.Errorf("Closed with %v, want ErrClosed", err)
		}
		if err := p.conn.Send(numbered(1)); !errors.Is(err, ErrClosed) {
			t.Errorf("Send: %v, want ErrClosed", err)
		}
		p.wantEnd()
		p.nc.Close()
	})
}

func TestPublishAndSendDuringShutdownReturn(t *testing.T) {
	overSockets(t, func(t *testing.T, o Options) {
		o.InboxSize = 4
		r := newRig(t, o)
		p := r.dial()
		r.subscribe(&p.conn, "room")
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() { // owner: the test; ends with stop
			defer close(stopped)
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
					r.e.Publish("room", numbered(n), nil)
					p.conn.Send(numbered(n))
				}
			}
		}()
		p.next()
		done := r.shutdown(context.Background())
		for op, _, err := p.next(); err == nil && op != ws.OpClose; op, _, err = p.next() {
		}
		p.nc.Close()
		await(r, done, "Shutdown")
		close(stop)
		await(r, stopped, "Publish and Send after Shutdown")
	})
}
