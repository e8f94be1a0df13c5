package redisbroker

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// On a cluster a publication goes to the servers of one slot only, and a wildcard is
// about all slots. So a publication that a wildcard matches is spread a second time, by
// the cluster's own bus, to all servers. Publishers know the wildcards from a key. What
// they know of it is good for a moment; who knows nothing good spreads both ways. Who
// follows a wildcard writes it there and waits for that moment: after that every
// publisher knows it, or spreads both ways.
const (
	interestGood  = 500 * time.Millisecond // what is known may be used for so long
	interestAsk   = 200 * time.Millisecond // after this it is asked for again
	interestLease = 10 * time.Minute       // a wildcard stays so long; it is renewed by Tend
)

// interest is what a publisher knows of the wildcards that any node follows.
type interest struct {
	mu        sync.Mutex // guards the fields below
	wildcards []string
	asked     time.Time // when the answer that is known was asked for
	asking    bool
}

// wildChannel is the channel on which to spread a topic a second time, "" for none. Only
// a cluster needs it. It does not block.
func (b *Broker) wildChannel(topic string) string {
	i := &b.interest
	i.mu.Lock()
	age := time.Since(i.asked)
	ask := age > interestAsk && !i.asking && b.ctx.Err() == nil
	if ask {
		i.asking = true
	}
	wanted := age > interestGood
	for _, w := range i.wildcards {
		wanted = wanted || matches(w, topic)
	}
	i.mu.Unlock()
	if ask {
		select {
		case b.curious <- struct{}{}:
		default:
		}
	}
	if wanted {
		return b.names.wild(topic)
	}
	return ""
}

// inquire asks which wildcards are followed when a publisher wants to know.
func (b *Broker) inquire() {
	for {
		select {
		case <-b.curious:
		case <-b.ctx.Done():
			return
		}
		now := time.Now()
		all, err := b.askWildcards()
		i := &b.interest
		i.mu.Lock()
		i.asking = false
		if err == nil {
			i.wildcards, i.asked = all, now
		}
		i.mu.Unlock()
		if err != nil && !b.pause(jitter(interestAsk)) {
			return
		}
	}
}

func (b *Broker) askWildcards() ([]string, error) {
	ctx, cancel := context.WithTimeout(b.ctx, probeTimeout)
	defer cancel()
	c, err := b.health.wait(ctx)
	if err != nil {
		return nil, err
	}
	key := b.names.wildcards()
	return c.Do(ctx, c.B().Zrange().Key(key).Min("0").Max("-1").Build()).AsStrSlice()
}

// announce has all publishers know a wildcard, and returns when they do.
func (b *Broker) announce(ctx context.Context, text string) error {
	if err := b.renew(ctx, text); err != nil {
		return err
	}
	timer := time.NewTimer(interestGood)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// renew keeps wildcards known, and forgets those that nobody renews. What many nodes
// follow is there once, and stays a little longer than the last needs it.
func (b *Broker) renew(ctx context.Context, texts ...string) error {
	return b.call(ctx, true, func(c rueidis.Client) error {
		key := b.names.wildcards()
		now := time.Now()
		add := c.B().Zadd().Key(key).ScoreMember()
		for _, text := range texts {
			add = add.ScoreMember(float64(now.Add(interestLease).UnixMilli()), text)
		}
		results := c.DoMulti(ctx, add.Build(),
			c.B().Zremrangebyscore().Key(key).Min("-inf").Max("("+strconv.FormatInt(now.UnixMilli(), 10)).Build())
		for _, r := range results {
			if err := r.Error(); err != nil {
				return err
			}
		}
		return nil
	})
}
