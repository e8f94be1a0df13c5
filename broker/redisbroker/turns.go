package redisbroker

import (
	"context"
	"sync"
)

// turns lets one call at a time change a registration of this node, from what is remembered
// of it to what the server has.
type turns struct {
	mu   sync.Mutex // guards busy
	busy map[registration]chan struct{}
}

// take waits until nobody else changes the registration. Who takes several takes them in
// order.
func (t *turns) take(ctx context.Context, at registration) error {
	for {
		t.mu.Lock()
		other := t.busy[at]
		if other == nil {
			if t.busy == nil {
				t.busy = make(map[registration]chan struct{})
			}
			t.busy[at] = make(chan struct{})
		}
		t.mu.Unlock()
		if other == nil {
			return nil
		}
		select {
		case <-other:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// end lets the next one.
func (t *turns) end(all ...registration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, at := range all {
		close(t.busy[at])
		delete(t.busy, at)
	}
}
