package natsbroker

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/livetopics/live/broker"
)

// What may be handed to the connection without history before the server has confirmed
// it. A round trip begins when the one before has ended, or pingPause after that began, so
// that nothing waits for more than two, and thereby for no more than a tenth of a second.
const (
	windowCount = 4096
	windowBytes = 4 << 20
	windowTrip  = 50 * time.Millisecond
)

// errBroke is of a publication during which the connection was replaced.
var errBroke = fmt.Errorf("%w: the connection to NATS broke while a publication was sent", broker.ErrUnavailable)

// window is what was handed to the connection without history, and how much of it the
// server has confirmed. Publishers add to it without a lock, and wait only where it is
// full; one goroutine confirms.
type window struct {
	wake chan struct{} // holds one when something is to be confirmed
	base time.Time     // set once: times are counted from here

	// Of the connection; confirmSent's alone.
	number uint64
	down   bool // it was found to be gone, and what it had was told

	count, bytes         atomic.Uint64 // handed over
	doneCount, doneBytes atomic.Uint64 // of that, confirmed or lost
	since                atomic.Int64  // when the round trip began that is awaited; 0: none
	breaks               atomic.Uint64 // how often a connection was found to be gone
}

// amount is how much was handed over up to some moment.
type amount struct{ count, bytes uint64 }

func (w *window) init() {
	w.wake, w.base = make(chan struct{}, 1), time.Now()
}

// sent is what was handed over. A publication of which only one of the numbers is in it
// makes the window a little smaller or larger for a moment.
func (w *window) sent() amount { return amount{w.count.Load(), w.bytes.Load()} }

func (w *window) done() amount { return amount{w.doneCount.Load(), w.doneBytes.Load()} }

// add notes that a publication was handed over.
func (w *window) add(bytes int) {
	w.bytes.Add(uint64(bytes))
	w.count.Add(1)
	w.nudge()
}

func (w *window) nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// waits returns for how long a round trip has been awaited.
func (w *window) waits() time.Duration {
	since := w.since.Load()
	if since == 0 {
		return 0
	}
	return time.Since(w.base) - time.Duration(since)
}

// full reports whether so much is unconfirmed that nothing more may be handed over.
func (w *window) full() bool {
	return w.count.Load()-w.doneCount.Load() >= windowCount || w.bytes.Load()-w.doneBytes.Load() >= windowBytes ||
		w.waits() > windowTrip
}

// begin notes that a round trip begins. One that gets no answer is awaited on.
func (w *window) begin() {
	w.since.CompareAndSwap(0, max(int64(time.Since(w.base)), 1))
}

// confirm notes that the server has all that was handed over up to some moment.
func (w *window) confirm(upTo amount) {
	w.doneCount.Store(upTo.count)
	w.doneBytes.Store(upTo.bytes)
	w.since.Store(0)
}

// replaced looks whether the connection is still the one that it was. If not, what was
// not confirmed may be lost, and is told.
func (w *window) replaced(b *Broker, number uint64, up bool) {
	same := number == w.number || w.down && number == w.number+1
	w.number, w.down = number, !up
	if up && same {
		return
	}
	w.breaks.Add(1)
	sent := w.sent()
	n := sent.count - w.doneCount.Load()
	w.confirm(sent)
	if n == 0 {
		return
	}
	b.counters.unconfirmed.Add(n)
	b.opts.Logger.Warn("natsbroker: the connection broke before NATS had confirmed all publications to topics"+
		" without history: these may be lost", "publications", n)
}

// room waits until more may be handed over without history.
func (b *Broker) room(ctx context.Context) error {
	w := &b.window
	if waits := w.waits(); waits > patience {
		return fmt.Errorf("%w: NATS has not confirmed anything for %v", broker.ErrUnavailable, waits.Round(time.Second))
	}
	most, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := b.flush(most)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return fmt.Errorf("%w: NATS does not confirm what was sent to it", broker.ErrUnavailable)
	}
	return err
}
