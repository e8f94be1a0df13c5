package memory

import (
	"context"

	"github.com/livetopics/live/broker"
)

// Prepare does nothing: there is room for every history. Errors: ErrClosed, or that
// of a context which has ended already.
func (b *Broker) Prepare(ctx context.Context, _ broker.History) error { return b.check(ctx) }

// Tend does nothing: there is one node, which lives as long as its memory. Errors:
// ErrClosed, or that of a context which has ended already.
func (b *Broker) Tend(ctx context.Context) ([]broker.Moved, error) { return nil, b.check(ctx) }

// Err returns nil.
func (b *Broker) Err() error { return nil }
