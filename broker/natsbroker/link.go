package natsbroker

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/livetopics/live/broker"
)

// patience is how long calls wait, after something broke, for it to come back; later
// ones fail at once until it has.
const patience = time.Second

// link knows whether there is a connection, and whoever needs one waits here.
type link struct {
	log *slog.Logger // set once

	mu    sync.Mutex    // guards the fields below
	up    chan struct{} // closed while there is a connection
	is    bool
	since time.Time // when it broke
	err   error     // why
}

func (l *link) init(log *slog.Logger) {
	l.log = log
	l.up, l.since = make(chan struct{}), time.Now()
	l.err = fmt.Errorf("%w: not connected to NATS yet", broker.ErrUnavailable)
}

// found notes that there is a connection.
func (l *link) found(server string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.is {
		return
	}
	l.is, l.err = true, nil
	close(l.up)
	l.log.Info("natsbroker: connected; everything resumes", "server", server, "after", time.Since(l.since).Round(time.Millisecond))
}

// lost notes that there is none.
func (l *link) lost(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.is && !l.since.IsZero() {
		return
	}
	l.is, l.since, l.up = false, time.Now(), make(chan struct{})
	l.err = fmt.Errorf("%w: the connection to NATS is lost: %w", broker.ErrUnavailable, orUnknown(err))
	l.log.Warn("natsbroker: the connection is lost: publishing, subscribing and presence are unavailable"+
		" until it is back; what is published elsewhere to topics with history is delivered then", "error", err)
}

// orUnknown gives a name to a reason that was not told.
func orUnknown(err error) error {
	if err == nil {
		return fmt.Errorf("closed by the server")
	}
	return err
}

// why is the error of who needs a connection now.
func (l *link) why() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// wait waits for a connection, no longer than patience after the last one broke.
func (l *link) wait(ctx context.Context) error {
	l.mu.Lock()
	up, since, err, is := l.up, l.since, l.err, l.is
	l.mu.Unlock()
	if is {
		return nil
	}
	left := patience - time.Since(since)
	if left <= 0 {
		return err
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-up:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return err
	}
}
