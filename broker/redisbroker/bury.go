package redisbroker

import (
	"context"
	"errors"

	"github.com/redis/rueidis"

	"github.com/livetopics/live/broker"
)

// How registrations are ended in bulk.
const (
	buryEach  = 256 // registrations in a round trip
	buryTrips = 64  // round trips for each dead node, in one call of Tend
)

// bury ends the registrations of a dead node, and tells who is on no node any more. What
// is left when it has taken long is for the next call.
func (b *Broker) bury(ctx context.Context, node string) (moved []broker.Moved, err error) {
	for range buryTrips {
		done := false
		err = b.call(ctx, true, func(c rueidis.Client) error {
			list, err := c.Do(ctx, c.B().Srandmember().Key(b.names.owned(node)).Count(buryEach).Build()).AsStrSlice()
			if err != nil {
				return err
			}
			if len(list) == 0 {
				done = true
				return c.Do(ctx, c.B().Zrem().Key(b.names.leases()).Member(node).Build()).Error()
			}
			gone, err := b.buryList(ctx, c, node, list)
			moved = append(moved, gone...)
			return err
		})
		if err != nil || done {
			return moved, err
		}
	}
	return moved, nil
}

func (b *Broker) buryList(ctx context.Context, c rueidis.Client, node string, list []string) (moved []broker.Moved, err error) {
	all := make([]registration, 0, len(list))
	calls := make([]invocation, 0, len(list))
	for _, text := range list {
		if at, ok := parseRegistration(text); ok {
			all, calls = append(all, at), append(calls, b.leaveCall(node, at))
		}
	}
	var errs []error
	for i, r := range scripts.leave.runAll(ctx, c, calls) {
		info, left, err := parseLeave(r)
		if left {
			moved = append(moved, broker.Moved{Topic: all[i].topic, Member: broker.Member{User: all[i].user, Info: info}, Change: broker.Left})
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return moved, err
	}
	return moved, c.Do(ctx, c.B().Srem().Key(b.names.owned(node)).Member(list...).Build()).Error()
}

// prune ends what is listed as this node's and is not: a failover has brought it back.
func (b *Broker) prune(ctx context.Context, node string) (moved []broker.Moved, err error) {
	for next, more := uint64(0), true; more && err == nil; {
		err = b.call(ctx, true, func(c rueidis.Client) error {
			entry, err := c.Do(ctx, c.B().Sscan().Key(b.names.owned(node)).Cursor(next).Count(buryEach).Build()).AsScanEntry()
			if err != nil {
				return err
			}
			var ghosts []string
			for _, text := range entry.Elements {
				at, ok := parseRegistration(text)
				if _, there := b.members.get(at); !ok || !there {
					ghosts = append(ghosts, text)
				}
			}
			if len(ghosts) > 0 {
				gone, err := b.buryList(ctx, c, node, ghosts)
				moved = append(moved, gone...)
				if err != nil {
					return err
				}
			}
			next, more = entry.Cursor, entry.Cursor != 0
			return nil
		})
	}
	return moved, err
}
