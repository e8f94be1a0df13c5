package redisbroker

import (
	"context"
	"errors"
	"slices"

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
				return b.forget(ctx, c, node)
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

// forget takes a dead node out of the nodes.
func (b *Broker) forget(ctx context.Context, c rueidis.Client, node string) error {
	keys := []string{b.names.leases()}
	if !clustered(c) {
		keys = append(keys, b.names.owned(node))
	}
	return scripts.forget.run(ctx, c, keys, []string{node}).Error()
}

// buryList ends what is listed as a node's.
func (b *Broker) buryList(ctx context.Context, c rueidis.Client, node string, list []string) (moved []broker.Moved, err error) {
	all := make([]registration, 0, len(list))
	for _, text := range list {
		if at, ok := parseRegistration(text); ok {
			all = append(all, at)
			continue
		}
		if err := c.Do(ctx, c.B().Srem().Key(b.names.owned(node)).Member(text).Build()).Error(); err != nil {
			return nil, err
		}
	}
	return b.leaveAll(ctx, c, node, all)
}

// leaveAll ends registrations of a node, and tells who is on no node any more.
func (b *Broker) leaveAll(ctx context.Context, c rueidis.Client, node string, all []registration) (moved []broker.Moved, err error) {
	if len(all) == 0 {
		return nil, nil
	}
	calls, texts := make([]invocation, len(all)), make([]string, len(all))
	for i, at := range all {
		calls[i], texts[i] = b.leaveCall(c, node, at), at.text()
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
	return moved, b.unlist(ctx, c, node, texts...)
}

// prune ends what is listed as this node's and is not: a failover has brought it back.
func (b *Broker) prune(ctx context.Context, node string) (moved []broker.Moved, err error) {
	for next, more := uint64(0), true; more && err == nil; {
		err = b.call(ctx, true, func(c rueidis.Client) error {
			entry, err := c.Do(ctx, c.B().Sscan().Key(b.names.owned(node)).Cursor(next).Count(buryEach).Build()).AsScanEntry()
			if err != nil {
				return err
			}
			var ghosts []registration
			for _, text := range entry.Elements {
				if at, ok := parseRegistration(text); ok {
					ghosts = append(ghosts, at)
				}
			}
			gone, err := b.disown(ctx, c, node, ghosts)
			moved = append(moved, gone...)
			next, more = entry.Cursor, entry.Cursor != 0
			return err
		})
	}
	return moved, err
}

// disown ends those registrations under a name of this node's which it does not have.
func (b *Broker) disown(ctx context.Context, c rueidis.Client, node string, all []registration) ([]broker.Moved, error) {
	all = slices.DeleteFunc(all, b.members.has)
	slices.SortFunc(all, registration.compare)
	all = slices.Compact(all)
	for i, at := range all {
		if err := b.members.turns.take(ctx, at); err != nil {
			b.members.turns.end(all[:i]...)
			return nil, err
		}
	}
	defer b.members.turns.end(all...)
	var ghosts []registration
	for _, at := range all {
		if !b.members.has(at) { // a Join may have come before the turn
			ghosts = append(ghosts, at)
		}
	}
	return b.leaveAll(ctx, c, node, ghosts)
}
