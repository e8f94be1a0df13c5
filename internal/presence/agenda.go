package presence

import (
	"sync"
	"time"
)

// agenda knows what is due later: lines of entries, each with one delay for all that
// stand in it, so that their order is that of their coming. One goroutine serves
// them, with some beside it for the calls, and there is none while they are empty.
type agenda struct {
	// Set once.
	ring func(owner any) // called for what is due, without a lock
	base time.Time

	mu      sync.Mutex // guards all below, and the entries; taken last
	graces  line       // of members: their graces end
	numbers line       // of members: their number of sessions is told
	retries line       // of members: a call that failed is made again
	counts  line       // of rolls: the number of members may be announced again
	running bool
	closed  bool
	until   time.Duration // what the goroutine waits for, while it waits

	changed chan struct{} // holds one: there is something earlier, or nothing any more
	slots   chan struct{} // holds one for each ring under way
	run     sync.WaitGroup
}

func (a *agenda) init(ring func(any), grace, countEvery time.Duration) {
	a.ring, a.base = ring, time.Now()
	a.graces.delay, a.counts.delay = grace, countEvery
	a.numbers.delay, a.retries.delay = numberAfter, retryAfter
	a.changed, a.slots = make(chan struct{}, 1), make(chan struct{}, together)
}

// now is the time since the agenda was made, and never 0.
func (a *agenda) now() time.Duration { return time.Since(a.base) + 1 }

// add puts the entry at the end of the line; where it was before, it is no more.
func (a *agenda) add(e *entry, l *line) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.append(e, l)
}

// keep does as add, unless the entry is in the line already.
func (a *agenda) keep(e *entry, l *line) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if e.in != l {
		a.append(e, l)
	}
}

// remove takes the entry out of its line.
func (a *agenda) remove(e *entry) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if e.in == nil {
		return
	}
	e.unlink()
	if a.first() == nil {
		a.nudge()
	}
}

// waiting reports whether the entry is in a line.
func (a *agenda) waiting(e *entry) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return e.in != nil
}

// close empties the agenda for good, and waits for its goroutine.
func (a *agenda) close() {
	a.mu.Lock()
	a.closed = true
	a.nudge()
	a.mu.Unlock()
	a.run.Wait()
}

// append does the work of add. The lock is held.
func (a *agenda) append(e *entry, l *line) {
	if a.closed {
		return
	}
	e.unlink()
	e.due = a.now() + l.delay
	l.link(e)
	switch {
	case !a.running:
		a.running = true
		a.run.Go(a.serve) // owner: the agenda, whose close waits for it; ends when the lines are empty
	case e.due < a.until:
		a.nudge()
	}
}

// nudge has the goroutine look again.
func (a *agenda) nudge() {
	select {
	case a.changed <- struct{}{}:
	default:
	}
}

// first is the entry that is due first, or nil.
func (a *agenda) first() *entry {
	var e *entry
	for _, l := range [...]*line{&a.graces, &a.numbers, &a.retries, &a.counts} {
		if h := l.head; h != nil && (e == nil || h.due < e.due) {
			e = h
		}
	}
	return e
}

// serve rings for what is due until nothing is left: for several at once, since each may
// wait for the broker.
func (a *agenda) serve() {
	timer := time.NewTimer(time.Hour) // is reset before it is waited for
	defer timer.Stop()
	for {
		owner, wait, more := a.take()
		switch {
		case !more:
			return
		case owner != nil:
			a.slots <- struct{}{}
			a.run.Go(func() { // owner: the agenda, whose close waits for it; ends with the broker's calls
				defer func() { <-a.slots }()
				a.ring(owner)
			})
		default:
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-a.changed:
			}
		}
	}
}

// take returns who is due, or how long it is until then. There is no more when the
// lines are empty, and the goroutine must end.
func (a *agenda) take() (owner any, wait time.Duration, more bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.first()
	if e == nil || a.closed {
		a.running = false
		return nil, 0, false
	}
	a.until = 0 // nobody need nudge a goroutine that does not wait
	if wait = e.due - a.now(); wait > 0 {
		a.until = e.due
		return nil, wait, true
	}
	e.unlink()
	return e.owner, 0, true
}
