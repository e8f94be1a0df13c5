package live

import (
	"context"
	"time"
)

// sessionContext is a Session as a context.Context.
type sessionContext Session

var _ context.Context = (*sessionContext)(nil)

// Deadline says that there is none.
func (c *sessionContext) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done is closed when the session ends.
func (c *sessionContext) Done() <-chan struct{} { return c.conn.Done() }

// Err is context.Canceled once the session has ended.
func (c *sessionContext) Err() error {
	if c.conn.Ended() {
		return context.Canceled
	}
	return nil
}

// Value is always nil.
func (c *sessionContext) Value(any) any { return nil }

// AfterFunc is looked for by package context, which otherwise would start a
// goroutine for every context that is derived from this one.
func (c *sessionContext) AfterFunc(f func()) func() bool { return c.conn.AfterDone(f) }

// String names the session, for contexts that are printed.
func (c *sessionContext) String() string { return "live.Session " + (*Session)(c).ID() }
