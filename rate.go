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
type buckets struct {
	messages, bytes bucket
	refused         uint8 // messages in a row
}

// take reports which limit a message of n bytes exceeds, or nothing.
func (b *buckets) take(n int, l *Limits) (exceeded string) {
	now := time.Since(began)
	switch {
	case !b.messages.take(1, l.MessagesPerSecond, now):
		return fmt.Sprintf("too many messages: Limits.MessagesPerSecond is %d", l.MessagesPerSecond)
	case !b.bytes.take(n, l.BytesPerSecond, now):
		return fmt.Sprintf("too much data: Limits.BytesPerSecond is %d", l.BytesPerSecond)
	}
	b.refused = 0
	return ""
}

// unhurried is how many messages in a second are too few to count their rates: most
// sessions send no more, and need no buckets.
const unhurried = 64

// pace reports which limit a message of n bytes exceeds, or nothing.
func (s *Session) pace(n int) (exceeded string) {
	limits := &s.server.opts.Limits
	if limits.MessagesPerSecond <= 0 && limits.BytesPerSecond <= 0 {
		return ""
	}
	x := s.extra.Load()
	if x == nil || x.rate == nil {
		if s.slow() {
			return ""
		}
		x = s.more()
		x.rate = new(buckets)
	}
	return x.rate.take(n, limits)
}

// slow counts one message more, and reports whether there were few in this second.
func (s *Session) slow() bool {
	if second := uint16(time.Since(began) / time.Second); second != s.second {
		s.second, s.sent = second, 0
	}
	s.sent++
	return int(s.sent) <= s.server.unhurried
}

// unhurriedFor is how many messages in a second need not be counted under the limits:
// a part of them, however large the messages are.
func unhurriedFor(l *Limits, readLimit int) int {
	n := unhurried
	if l.MessagesPerSecond > 0 {
		n = min(n, l.MessagesPerSecond/8)
	}
	if l.BytesPerSecond > 0 {
		n = min(n, l.BytesPerSecond/4/max(readLimit, 1))
	}
	return n
}
