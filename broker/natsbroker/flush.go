package natsbroker

import (
	"context"
	"fmt"
	"sync"

	"github.com/livetopics/live/broker"
)

// flushes make sure that the server has what was sent to it. One round trip does for
// all who asked before it began.
type flushes struct {
	mu      sync.Mutex // guards next and running
	next    *round     // of those who asked since the last one began
	running bool
}

// round is one round trip.
type round struct {
	done chan struct{} // closed when it is over
	err  error         // set before
}

// flush returns when the server has all that was sent before.
func (b *Broker) flush(ctx context.Context) error {
	f := &b.flushes
	f.mu.Lock()
	if f.next == nil {
		f.next = &round{done: make(chan struct{})}
	}
	r := f.next
	begin := !f.running
	if begin {
		f.running, f.next = true, nil
	}
	f.mu.Unlock()
	if begin {
		b.ping(r)
		b.pass()
	}
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	case <-b.ctx.Done():
		return broker.ErrClosed
	}
}

// pass goes on for those who asked during the last round trip.
func (b *Broker) pass() {
	f := &b.flushes
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.next == nil {
		f.running = false
		return
	}
	r := f.next
	f.next = nil
	b.start(func() { // ends when nobody asks
		b.ping(r)
		b.pass()
	})
}

// ping makes one round trip.
func (b *Broker) ping(r *round) {
	defer close(r.done)
	ctx, cancel := context.WithTimeout(b.ctx, answerWait)
	defer cancel()
	if err := b.conn.FlushWithContext(ctx); err != nil {
		r.err = fmt.Errorf("%w: NATS did not confirm in time: %w", broker.ErrUnavailable, err)
	}
}
