package engine

import (
	"runtime"
	"testing"
)

func TestIdleConnectionHasNoGoroutine(t *testing.T) {
	r := newRig(t, Options{})
	var peers []*peer
	before := runtime.NumGoroutine()
	for range 100 {
		peers = append(peers, r.dial())
	}
	for _, p := range peers {
		await(r, p.h.opened, "Opened")
	}
	for runtime.NumGoroutine() > before { // those that called Opened are ending
		runtime.Gosched()
	}
}

func TestIdleConnectionKeepsNoReader(t *testing.T) {
	r := newRig(t, Options{Loops: 1})
	p := r.dial()
	p.write(masked(1, "a message")[:5])
	r.dial().nc.Close()
	p.write(masked(1, "a message")[5:])
	p.seen(1)
	r.onLoop(&p.conn, func(*loop) {
		if p.conn.reader != nil {
			t.Error("a connection between messages keeps a reader")
		}
	})
}
