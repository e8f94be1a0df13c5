package redisbroker

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/livetopics/live/broker"
)

// Follow blocks until the server spreads the topic to this node and, where it has
// history, until it is known where the following begins. Those that are called at about
// the same time share round trips. Errors: ErrUnavailable, ErrClosed, or that of the
// context; nothing is followed then that was not before.
func (b *Broker) Follow(ctx context.Context, topic string, h broker.History) error {
	if err := b.check(ctx); err != nil {
		return err
	}
	topic = strings.Clone(topic)
	if isWildcard(topic) {
		return b.followWildcard(ctx, topic)
	}
	f, added := b.table.add(topic, h)
	if added {
		b.hub.touch(topic)
	}
	if err := b.await(ctx, f.ready); err != nil {
		if added {
			b.unfollow(topic, f)
		}
		return fail(ctx, "follow "+topic, err)
	}
	s := b.table.stripe(topic)
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.gone {
		return fail(ctx, "follow "+topic, broker.ErrUnavailable) // with the Follow that began it
	}
	return nil
}

// followTimeout is how long Follow waits for a server that answers all else.
const followTimeout = 5 * time.Second

var errSilent = errors.New("the server did not confirm in time")

// await waits for something that happens when the servers answer.
func (b *Broker) await(ctx context.Context, ready <-chan struct{}) error {
	timer := time.NewTimer(followTimeout)
	defer timer.Stop()
	for {
		select {
		case <-ready:
			return nil
		default:
		}
		var found <-chan struct{}
		over := b.health.overdue()
		if over == nil {
			found = b.health.trouble()
		}
		select {
		case <-ready:
			return nil
		case <-found:
		case <-over:
			if err := b.health.why(); err != nil {
				return err
			}
		case <-timer.C:
			if err := b.health.why(); err != nil {
				return err
			}
			return unavailable(errSilent)
		case <-ctx.Done():
			return ctx.Err()
		case <-b.health.closed:
			return broker.ErrClosed
		}
	}
}

// Unfollow does not block. The only error is ErrClosed.
func (b *Broker) Unfollow(topic string) error {
	if b.closed.Load() {
		return broker.ErrClosed
	}
	if isWildcard(topic) {
		b.unfollowWildcard(topic, nil)
		return nil
	}
	b.unfollow(topic, nil)
	return nil
}

func (b *Broker) unfollow(topic string, f *follow) {
	if b.table.remove(topic, f) {
		b.hub.touch(topic)
	}
}
