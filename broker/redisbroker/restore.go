package redisbroker

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/redis/rueidis"

	"github.com/livetopics/live/broker"
)

// registerEach is how many registrations are made in a round trip.
const registerEach = 256

// restore registers all that is this node's under the name it has now, and ends what is
// listed or was registered under its names and is not. It tells what changed thereby.
func (b *Broker) restore(ctx context.Context) (moved []broker.Moved, err error) {
	l, former := b.members.lease(), b.members.names()
	for all := range slices.Chunk(b.members.all(), registerEach) {
		some, err := b.register(ctx, l, former, all)
		moved = append(moved, some...)
		if err != nil {
			return moved, err
		}
	}
	b.members.quit(former)
	gone, err := b.prune(ctx, l.node)
	return append(moved, gone...), err
}

// register registers some, and tells who was not there. Under former names nothing of them
// stays.
func (b *Broker) register(ctx context.Context, l lease, former []string, all []registration) (moved []broker.Moved, err error) {
	for i, at := range all {
		if err := b.members.turns.take(ctx, at); err != nil {
			b.members.turns.end(all[:i]...)
			return nil, err
		}
	}
	defer b.members.turns.end(all...)
	var still []registration
	var members []broker.Member
	for _, at := range all {
		if m, there := b.members.get(at); there {
			still, members = append(still, at), append(members, m)
		}
	}
	if len(still) == 0 {
		return nil, nil
	}
	err = b.call(ctx, true, func(c rueidis.Client) error {
		if n, err := b.list(ctx, c, l, still...); err != nil || n == refusal {
			return cmp.Or(err, unavailable(errLease))
		}
		calls := make([]invocation, len(still))
		for i, at := range still {
			calls[i] = b.joinCall(c, l, at, members[i])
		}
		var errs []error
		for i, r := range scripts.join.runAll(ctx, c, calls) {
			n, err := r.AsInt64()
			if err == nil && n == refusal {
				err = unavailable(errLease)
			}
			if err == nil && joinChange(n) == broker.Joined {
				moved = append(moved, broker.Moved{Topic: still[i].topic, Member: members[i], Change: broker.Joined})
			}
			errs = append(errs, err)
		}
		if err := errors.Join(errs...); err != nil {
			return err
		}
		for _, node := range former {
			if _, err := b.leaveAll(ctx, c, node, still); err != nil {
				return err
			}
		}
		return nil
	})
	return moved, err
}
