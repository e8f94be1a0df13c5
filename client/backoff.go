package client

import (
	crand "crypto/rand"
	"math/rand/v2"
	"time"
)

// Backoff is how long a client waits before it tries to connect again: a random time
// from nothing up to a bound, so that thousands do not come back at the same moment. The
// bound is First after a loss, and doubles with each further attempt up to Most.
type Backoff struct {
	First time.Duration // 1 s by default
	Most  time.Duration // 30 s by default
}

// bound is the longest wait before attempt n, counted from 0.
func (b Backoff) bound(n int) time.Duration {
	d := b.First
	for ; n > 0 && d < b.Most; n-- {
		d *= 2
	}
	return min(d, b.Most)
}

// wait is how long to wait before attempt n, counted from 0.
func (b Backoff) wait(n int) time.Duration {
	return time.Duration(rand.Int64N(int64(b.bound(n)) + 1))
}

// pace counts attempts. It belongs to one goroutine.
type pace struct {
	Backoff
	attempts int // since the last connection that lasted
}

// next is how long to wait before the next attempt.
func (p *pace) next() time.Duration {
	d := p.wait(p.attempts)
	p.attempts++
	return d
}

// randomID is text that no one else comes up with: 26 letters and digits.
func randomID() string { return crand.Text() }
