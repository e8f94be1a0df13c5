package live

import (
	"fmt"
	"time"
)

// began is when the program did: rates need only differences, and those take a word.
var began = time.Now()

// bucket is a token bucket: what may be used of a limit per second.
type bucket struct {
	left float64
	seen time.Duration // since began, when left was right; 0 while nothing was ever used
}

// take uses n of a limit of rate per second, of which a burst of twice as many may be
// unused. It reports false, and uses nothing, if there is not enough; for more than
// the bucket holds, a full one is.
func (b *bucket) take(n, rate int, now time.Duration) bool {
	if rate <= 0 {
		return true
	}
	burst := 2 * float64(rate)
	if b.seen == 0 {
		b.left = burst
	} else {
		b.left = min(burst, b.left+(now-b.seen).Seconds()*float64(rate))
	}
	b.seen = now
	if b.left < min(float64(n), burst) {
		return false
	}
	b.left -= float64(n)
	return true
}

// buckets are a session's.
type buckets struct{ messages, bytes bucket }

// take reports which limit a message of n bytes exceeds, or nothing.
func (b *buckets) take(n int, l *Limits) (exceeded string) {
	now := time.Since(began)
	switch {
	case !b.messages.take(1, l.MessagesPerSecond, now):
		return fmt.Sprintf("too many messages: Limits.MessagesPerSecond is %d", l.MessagesPerSecond)
	case !b.bytes.take(n, l.BytesPerSecond, now):
		return fmt.Sprintf("too much data: Limits.BytesPerSecond is %d", l.BytesPerSecond)
	}
	return ""
}
