package redisbroker

import (
	"context"
	"strconv"

	"github.com/redis/rueidis"

	"github.com/livetopics/live/broker"
)

// takeLease takes the first lease of the node's name, so that others will end its
// registrations if it dies. It returns who is dead, if it had to.
func (b *Broker) takeLease(ctx context.Context) (dead []string, err error) {
	if b.members.lease().due > 0 {
		return nil, nil
	}
	b.members.leasing.Lock()
	defer b.members.leasing.Unlock()
	l := b.members.lease()
	if l.due > 0 {
		return nil, nil
	}
	_, dead, err = b.lease(ctx, l.node, true)
	return dead, err
}

// lease renews a lease or takes the first, and returns whether the node lives and who is
// dead. On a cluster, whose servers' clocks may differ a little, a node is not dead before
// even the slowest has it that its lease has ended.
func (b *Broker) lease(ctx context.Context, node string, first bool) (lives bool, dead []string, err error) {
	kind := ""
	if first {
		kind = "new"
	}
	err = b.call(ctx, true, func(c rueidis.Client) error {
		late := int64(0)
		if clustered(c) {
			late = b.o.Lease.Milliseconds() / 8
		}
		args := []string{node, strconv.FormatInt(b.o.Lease.Milliseconds(), 10), kind, strconv.FormatInt(late, 10)}
		args = append(args, b.members.names()...)
		all, err := scripts.tend.run(ctx, c, []string{b.names.leases()}, args).ToArray()
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return errReply
		}
		due, err := all[0].AsInt64()
		lives, dead = due > 0, nil
		for _, one := range all[1:] {
			if name, err := one.ToString(); err == nil && name != node {
				dead = append(dead, name)
			}
		}
		if err == nil && lives {
			b.members.leased(lease{node, due})
		}
		return err
	})
	return lives, dead, err
}

// rename gives up a name whose lease has ended.
func (b *Broker) rename(old string) {
	if b.members.rename(old) {
		b.o.Logger.Warn("redisbroker: this node was taken for dead, or the server has lost its lease; its members are registered anew")
	}
}

// Tend renews the node's lease, by the server's clock. If the node had been taken for dead
// it registers all anew, under another name. It ends the registrations of the dead, as
// many as a call may take, in bulk; each is ended by one node, which tells of it. After a
// lost connection all registrations are compared with what is stored. Some topics, other
// ones each time, are searched for registrations that belong to no node, and for those of
// this one that are lost. Errors:
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
	dead, err := b.live(ctx)
	if err != nil {
		return nil, err
	}
	if b.members.doubted() {
		moved, err = b.restore(ctx)
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
	return append(moved, b.sweep(ctx)...), nil
}

// live renews the node's lease, or gives it another name with one. It returns who is dead.
func (b *Broker) live(ctx context.Context) (dead []string, err error) {
	for range renames {
		if dead, err = b.takeLease(ctx); err != nil || dead != nil {
			return dead, err
		}
		node := b.members.lease().node
		lives, dead, err := b.lease(ctx, node, false)
		if err != nil || lives {
			return dead, err
		}
		b.rename(node)
	}
	return nil, unavailable(errLease)
}
