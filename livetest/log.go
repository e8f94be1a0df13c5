package livetest

import (
	"log/slog"
	"sync"
	"testing"
)

// testLog writes to a test's output until the test is over, when nothing may.
type testLog struct {
	t testing.TB // set once

	mu   sync.Mutex // guards over, and is held while the test's output is written
	over bool
}

// logger leaves out the time: what matters is the order.
func (l *testLog) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
}

// Write writes one record.
func (l *testLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return len(p), nil
	}
	return l.t.Output().Write(p)
}

func (l *testLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
}
