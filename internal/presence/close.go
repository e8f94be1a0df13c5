package presence

import (
	"context"
	"sync"
)

// together is how many members the broker is told of at once.
const together = 16

// Flush ends all graces now, and tells the broker all that it does not know yet. It
// blocks until that is done. Its error is the first of the broker's, or the context's;
// what failed is tried again in the background.
func (t *Tracker) Flush(ctx context.Context) error {
	return t.settleAll(ctx, func(m *member) { m.grace = false })
}

// Close announces nothing more, and tells the broker that this node's members have
// left. It blocks until that is done and the goroutine of the Tracker has ended; the
// end of the context cuts short the broker's calls. Its error is the first of the
// broker's, or the context's. A second Close does nothing.
func (t *Tracker) Close(ctx context.Context) error {
	if t.closed.Swap(true) {
		return nil
	}
	defer context.AfterFunc(ctx, t.cancel)()
	err := t.settleAll(ctx, func(m *member) { m.grace, m.sessions = false, 0 })
	t.agenda.close()
	t.cancel()
	for i := range t.stripes {
		t.stripes[i].close()
	}
	return err
}

// Stop announces nothing more, and tells the broker nothing: this node's members are there
// until its lease has run out, so that those who have gone to another node by then
// do not leave. It waits for calls under way, which it cuts short. After it, Close
// does nothing.
func (t *Tracker) Stop() {
	if t.closed.Swap(true) {
		return
	}
	t.cancel()
	t.agenda.close()
	for i := range t.stripes {
		t.stripes[i].close()
	}
}

// settleAll does change to all members and then settles them.
func (t *Tracker) settleAll(ctx context.Context, change func(*member)) error {
	var work []*member
	for i := range t.stripes {
		s := &t.stripes[i]
		s.mu.Lock()
		for _, m := range s.members {
			if change(m); !m.settled() {
				work = append(work, m)
			}
		}
		if t.closed.Load() {
			clear(s.sessions) // as their members have none
		}
		s.mu.Unlock()
	}
	return t.each(ctx, work)
}

// each settles the members, several at a time.
func (t *Tracker) each(ctx context.Context, work []*member) error {
	var (
		mu    sync.Mutex // guards work and first
		first error
		run   sync.WaitGroup
	)
	next := func() (m *member) {
		mu.Lock()
		defer mu.Unlock()
		if len(work) > 0 && ctx.Err() == nil {
			m, work = work[0], work[1:]
		}
		return m
	}
	settle := func() {
		for m := next(); m != nil; m = next() {
			s := m.roll.stripe
			s.mu.Lock()
			err := t.settle(ctx, m, true)
			s.mu.Unlock()
			if err != nil {
				mu.Lock()
				if first == nil {
					first = err
				}
				mu.Unlock()
			}
		}
	}
	for range min(together, len(work)) {
		run.Go(settle) // owner: this call, which waits for it; ends when the work is done
	}
	run.Wait()
	if first == nil {
		first = ctx.Err()
	}
	return first
}
