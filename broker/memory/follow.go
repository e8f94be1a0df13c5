package memory

import (
	"context"

	"github.com/livetopics/live/broker"
)

// Follow keeps the epoch and the numbers of a topic with history from being
// forgotten. All publications are delivered anyway, and a topic without history
// has nothing to keep. Errors: ErrClosed, or that of a context which has ended
// already.
func (b *Broker) Follow(ctx context.Context, topic string, h broker.History) error {
	if err := b.check(ctx); err != nil || !h.On() {
		return err
	}
	s, err := b.lock(topic)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	t := b.topic(s, topic)
	t.followed, t.idle = true, 0
	return nil
}

// Unfollow ends what Follow began; a topic that is not followed is no error. The
// only error is ErrClosed.
func (b *Broker) Unfollow(topic string) error {
	s, err := b.lock(topic)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	if t := s.topics[topic]; t != nil && t.followed {
		t.followed = false
		b.review(s, t, clock())
		b.sweeper.by(s.due())
	}
	return nil
}
