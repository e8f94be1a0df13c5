package redisbroker

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/redis/rueidis"

	"github.com/livetopics/live/broker"
)

// registerEach is how many registrations are made in a round trip.
const registerEach = 256

// takeLease takes the node's first lease, so that others will end its registrations if it
// dies.
func (b *Broker) takeLease(ctx context.Context) error {
	if _, leased := b.members.name(); leased {
		return nil
	}
	b.members.leasing.Lock()
	defer b.members.leasing.Unlock()
	node, leased := b.members.name()
	if leased {
		return nil
	}
	_, _, err := b.lease(ctx, node, true)
	if err == nil {
		b.members.lease(node)
	}
	return err
}

// lease renews a lease or takes the first, and returns whether the node lives and who is
// dead.
func (b *Broker) lease(ctx context.Context, node string, first bool) (lives bool, dead []string, err error) {
	kind := ""
	if first {
		kind = "new"
	}
	args := []string{node, strconv.FormatInt(b.o.Lease.Milliseconds(), 10), kind}
	err = b.call(ctx, true, func(c rueidis.Client) error {
		all, err := scripts.tend.run(ctx, c, []string{b.names.leases()}, args).ToArray()
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return errReply
		}
		n, err := all[0].AsInt64()
		lives, dead = n == 1, nil
		for _, one := range all[1:] {
			if name, err := one.ToString(); err == nil && name != node {
				dead = append(dead, name)
			}
		}
		return err
	})
	return lives, dead, err
}

// Tend renews the node's lease, by the server's clock. If the node had been taken for dead
// it registers all anew, under another name. It ends the registrations of the dead, as
// many as a call may take, in bulk; each is ended by one node, which tells of it. After a
// lost connection all registrations are compared with what is stored. Errors:
// ErrUnavailable, ErrClosed, or that of the context; what changed until then is returned
// beside it.
func (b *Broker) Tend(ctx context.Context) ([]broker.Moved, error) {
	if err := b.check(ctx); err != nil {
		return nil, err
	}
	moved, err := b.tend(ctx)
	return moved, fail(ctx, "tend presence", err)
}

func (b *Broker) tend(ctx context.Context) (moved []broker.Moved, err error) {
	if texts := b.wild.texts(); len(texts) > 0 && b.hub.clustered() {
		if err := b.renew(ctx, texts...); err != nil {
			return nil, err
		}
	}
	if err := b.takeLease(ctx); err != nil {
		return nil, err
	}
	node, _ := b.members.name()
	lives, dead, err := b.lease(ctx, node, false)
	if err != nil {
		return nil, err
	}
	doubted := b.members.doubted()
	if !lives {
		dead = append(dead, node)
		if node, err = b.revive(ctx); err != nil {
			return nil, err
		}
	}
	if !lives || doubted {
		moved, err = b.register(ctx, node)
		if err == nil {
			var gone []broker.Moved
			gone, err = b.prune(ctx, node)
			moved = append(moved, gone...)
		}
		if err != nil {
			b.members.doubt() // the next call tries again
			return moved, err
		}
	}
	for _, one := range dead {
		gone, err := b.bury(ctx, one)
		moved = append(moved, gone...)
		if err != nil {
			return moved, err
		}
	}
	return moved, nil
}

// revive gives the node another name and a lease.
func (b *Broker) revive(ctx context.Context) (node string, err error) {
	b.o.Logger.Warn("redisbroker: this node was taken for dead, or the server has lost its lease; its members are registered anew")
	b.members.rename()
	b.members.doubt()
	if err := b.takeLease(ctx); err != nil {
		return "", err
	}
	node, _ = b.members.name()
	b.members.doubted()
	return node, nil
}

// register registers all that is this node's, and tells who was not there.
func (b *Broker) register(ctx context.Context, node string) (moved []broker.Moved, err error) {
	for all := range slices.Chunk(b.members.all(), registerEach) {
		texts := make([]string, len(all))
		calls := make([]invocation, len(all))
		for i, one := range all {
			texts[i], calls[i] = one.text(), b.joinCall(node, one.registration, one.member)
		}
		err = b.call(ctx, true, func(c rueidis.Client) error {
			if err := c.Do(ctx, c.B().Sadd().Key(b.names.owned(node)).Member(texts...).Build()).Error(); err != nil {
				return err
			}
			var errs []error
			for i, r := range scripts.join.runAll(ctx, c, calls) {
				n, err := r.AsInt64()
				if joinChange(n) == broker.Joined {
					moved = append(moved, broker.Moved{Topic: all[i].topic, Member: all[i].member, Change: broker.Joined})
				}
				errs = append(errs, err)
			}
			return errors.Join(errs...)
		})
		if err == nil {
			err = b.correct(ctx, node, all)
		}
		if err != nil {
			return moved, err
		}
	}
	return moved, nil
}

// correct does again what Join and Leave did while these were registered.
func (b *Broker) correct(ctx context.Context, node string, all []registered) error {
	for _, one := range all {
		now, there := b.members.get(one.registration)
		switch {
		case !there:
			if _, err := b.leaveAs(ctx, node, one.registration); err != nil {
				return err
			}
		case now.Sessions != one.member.Sessions || !bytes.Equal(now.Info, one.member.Info):
			if _, err := b.joinAs(ctx, node, one.registration, now, false); err != nil {
				return err
			}
		}
	}
	return nil
}
