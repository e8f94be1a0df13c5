package load

import (
	"fmt"
	"time"
)

// every turns until done reports true, and calls act once per interval meanwhile, the first time at once;
// where that falls behind, it catches up. It fails when the server is silent for ten seconds.
func (g *Generator) every(interval time.Duration, act func() error, done func() bool, what string) error {
	g.heard = g.now()
	next := g.now()
	for !done() {
		if g.now() >= next {
			if err := act(); err != nil {
				return err
			}
			next += int64(interval)
		}
		if err := g.turn(time.Duration(next - g.now())); err != nil {
			return err
		}
		if quiet := time.Duration(g.now() - g.heard); quiet > stall {
			return fmt.Errorf("load: nothing came for %v while waiting for %s", quiet.Round(time.Second), what)
		}
	}
	return nil
}

// until turns until done reports true. It fails when the server is silent for ten seconds.
func (g *Generator) until(done func() bool, what string) error {
	return g.every(time.Second, func() error { return nil }, done, what)
}

// idle turns for d, whether anything comes or not.
func (g *Generator) idle(d time.Duration) error {
	end := g.now() + int64(d)
	for left := d; left > 0; left = time.Duration(end - g.now()) {
		if err := g.turn(left); err != nil {
			return err
		}
	}
	return nil
}

// delivered turns until every subscriber of s has every publication.
func (g *Generator) delivered(s *stream) error {
	err := g.until(func() bool { return s.inFlight() == 0 }, "the last deliveries of topic "+s.topic)
	if err == nil || s.inFlight() == 0 {
		return err
	}
	return fmt.Errorf("%w: %d of %d deliveries are missing", err, s.missing(), s.sent*uint64(s.subscribers))
}
