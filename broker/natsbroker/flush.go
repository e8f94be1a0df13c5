package natsbroker

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/livetopics/live/broker"
)

// pingPause is how long after the last round trip began the next one does, if nobody
// waits for it: enough that they cost little beside what they confirm.
const pingPause = 10 * time.Millisecond

// flushes are those who wait until the server has what was sent to it. One round trip
// does for all who asked before it began.
type flushes struct {
	urgent chan struct{} // holds one when somebody waits

	mu   sync.Mutex // guards next
	next *round     // of those who asked since the last one began; nil: nobody
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
	f.mu.Unlock()
	select {
	case f.urgent <- struct{}{}:
	default: // the round trip is about to begin
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

// take returns those who wait for the round trip that begins now; nil for nobody.
func (f *flushes) take() *round {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.next
	f.next = nil
	return r
}

// confirmSent makes round trips while somebody waits for one or publications are not
// confirmed, one at a time.
func (b *Broker) confirmSent() {
	timer := time.NewTimer(pingPause)
	defer timer.Stop()
	for {
		select {
		case <-b.window.wake:
		case <-b.flushes.urgent:
		case <-b.ctx.Done():
			return
		}
		for b.confirmOnce(timer) {
		}
	}
}

// confirmOnce makes one round trip, if there is anything to make it for, and waits for
// when the next may begin.
func (b *Broker) confirmOnce(timer *time.Timer) (more bool) {
	w := &b.window
	connection, up := connectionOf(b.conn)
	w.replaced(b, connection, up)
	r, sent := b.flushes.take(), w.sent()
	if b.ctx.Err() != nil || r == nil && sent == w.done() {
		return false
	}
	timer.Reset(pingPause)
	w.begin()
	err := b.ping()
	if now, up := connectionOf(b.conn); err == nil && now == connection && up {
		w.confirm(sent)
	}
	if r != nil {
		r.err = err
		close(r.done)
	}
	select {
	case <-b.flushes.urgent:
	case <-timer.C:
	case <-b.ctx.Done():
	}
	return true
}

// connectionOf tells connections that follow each other apart, and whether there is one.
func connectionOf(conn *nats.Conn) (number uint64, up bool) {
	return conn.Stats().Reconnects, conn.IsConnected()
}

// ping makes one round trip.
func (b *Broker) ping() error {
	if err := b.link.why(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(b.ctx, answerWait)
	defer cancel()
	if err := b.conn.FlushWithContext(ctx); err != nil {
		return fmt.Errorf("%w: NATS did not confirm in time: %w", broker.ErrUnavailable, err)
	}
	return nil
}
