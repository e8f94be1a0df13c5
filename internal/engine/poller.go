package engine

import "time"

// poller is how a loop waits for its sockets. All but wake is for the loop alone.
type poller interface {
	// poll serves the sockets that are ready, and reports whether there were any.
	poll() bool
	// arm sets when the next sleep ends by itself, never for the zero time, and
	// undoes what wake did before: call it first, and then look whether there is
	// something to do after all.
	arm(until time.Time)
	// sleep serves the sockets that are ready; if there are none it waits until one
	// is, or for wake, or for the time armed for. It may return early.
	sleep()
	// wake ends a sleep that is under way, or that comes after the last arm. It may
	// be called by anybody; it does not block.
	wake()
	// close frees what the poller holds.
	close()
}

// bell is the poller for sockets that come to the inbox by themselves: it only
// sleeps.
type bell struct {
	rung  chan struct{}
	timer *time.Timer
}

var _ poller = (*bell)(nil)

func newBell() *bell {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &bell{rung: make(chan struct{}, 1), timer: t}
}

func (b *bell) poll() bool { return false }

func (b *bell) arm(until time.Time) {
	select {
	case <-b.rung:
	default:
	}
	if b.timer.Stop(); !until.IsZero() {
		b.timer.Reset(time.Until(until))
	}
}

func (b *bell) sleep() {
	select {
	case <-b.rung:
	case <-b.timer.C:
	}
}

func (b *bell) wake() {
	select {
	case b.rung <- struct{}{}:
	default:
	}
}

func (b *bell) close() { b.timer.Stop() }
