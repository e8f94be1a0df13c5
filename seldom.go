package live

import (
	"log/slog"
	"sync"
	"time"
)

// seldomEvery is the least time between two records of a seldom.
const seldomEvery = 5 * time.Second

// seldom logs what may happen thousands of times at once: now and then, with how often
// it did since.
type seldom struct {
	mu    sync.Mutex // guards the fields below
	last  time.Time
	since int // records left out
}

// warn logs a warning, or counts it.
func (s *seldom) warn(log *slog.Logger, message string, args ...any) {
	s.mu.Lock()
	now := time.Now()
	if now.Sub(s.last) < seldomEvery {
		s.since++
		s.mu.Unlock()
		return
	}
	left := s.since
	s.last, s.since = now, 0
	s.mu.Unlock()
	log.Warn(message, append(args, "before", left)...)
}
