package natsbroker

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/livetopics/live/broker"
)

// trouble knows that a stream does not answer, so that not all callers wait for it in
// vain: after patience only one at a time does.
type trouble struct {
	name string       // set once
	log  *slog.Logger // set once

	answers atomic.Uint64 // how many calls got theirs

	mu      sync.Mutex // guards the fields below
	since   time.Time  // zero: none
	err     error
	probing bool
}

// enter asks whether to try. If so, leave must be called with what came of it.
func (t *trouble) enter() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.since.IsZero() || time.Since(t.since) < patience {
		return nil
	}
	if t.probing {
		return fmt.Errorf("%w: stream %s has not answered since %v ago: %w", broker.ErrUnavailable, t.name,
			time.Since(t.since).Round(time.Second), t.err)
	}
	t.probing = true
	return nil
}

// lasts reports whether there is more patience.
func (t *trouble) lasts() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.since.IsZero() && time.Since(t.since) >= patience
}

func (t *trouble) leave(err error) {
	if err == nil {
		t.answers.Add(1)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.probing = false
	switch {
	case errors.Is(err, broker.ErrUnavailable):
		t.err = err
		if t.since.IsZero() {
			t.since = time.Now()
			t.log.Warn("natsbroker: a stream does not answer: what needs it is unavailable until it does", "stream", t.name, "error", err)
		}
	case err == nil && !t.since.IsZero():
		t.log.Info("natsbroker: the stream answers again", "stream", t.name, "after", time.Since(t.since).Round(time.Millisecond))
		t.since, t.err = time.Time{}, nil
	}
}
