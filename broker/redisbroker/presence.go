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

// renames is how often a call takes another name because the lease has ended.
const renames = 3

// errLease says that the node was slower than its lease, again and again.
var errLease = errors.New("the node's lease ends before it can register")

// Join registers the user under this node's lease, which begins with the first Join. It
// takes one round trip, two on a cluster. A node whose lease has ended takes another name
// first; the next Tend registers all the rest under it. Errors: ErrUnavailable, ErrClosed,
// or that of the context; the user may be registered or not then, until Join or Leave
// succeeds.
func (b *Broker) Join(ctx context.Context, topic string, m broker.Member) (broker.Change, error) {
	if err := b.check(ctx); err != nil {
		return broker.Unchanged, err
	}
	if string(m.Info) == "null" {
		m.Info = nil
	}
	m.Info = bytes.Clone(m.Info)
	change, err := b.join(ctx, registration{topic, m.User}, m)
	return change, fail(ctx, "join "+topic, err)
}

func (b *Broker) join(ctx context.Context, at registration, m broker.Member) (broker.Change, error) {
	if err := b.members.turns.take(ctx, at); err != nil {
		return broker.Unchanged, err
	}
	defer b.members.turns.end(at)
	b.members.set(at, m)
	change := broker.Unchanged
	for range renames {
		if _, err := b.takeLease(ctx); err != nil {
			return broker.Unchanged, err
		}
		l := b.members.lease()
		one, refused, err := b.joinAs(ctx, l, at, m)
		if err != nil {
			return broker.Unchanged, err
		}
		// Who joined under a name that is dead now, and is there still, has not joined twice.
		if change != broker.Joined && !refused {
			change = one
		}
		now := b.members.lease()
		switch {
		case refused && now == l:
			b.rename(l.node)
		case !refused && now.node == l.node:
			// Who ends what is of the dead would do it later, and Tend does if this fails.
			b.leaveAs(ctx, b.members.names(), at)
			return change, nil
		}
	}
	return broker.Unchanged, unavailable(errLease)
}

// joinAs registers under a lease, unless it has ended. What is listed is found again when
// the node is dead, so the list comes first.
func (b *Broker) joinAs(ctx context.Context, l lease, at registration, m broker.Member) (_ broker.Change, refused bool, err error) {
	var change int64
	err = b.call(ctx, true, func(c rueidis.Client) (err error) {
		if change, err = b.list(ctx, c, l, at); err != nil || change == refusal {
			return err
		}
		call := b.joinCall(c, l, at, m)
		change, err = scripts.join.run(ctx, c, call.keys, call.args).AsInt64()
		return err
	})
	return joinChange(change), change == refusal, err
}

// refusal is what join.lua and list.lua return when the lease has ended.
const refusal = -1

// list lists what is to be registered, on a cluster; elsewhere join.lua does it.
func (b *Broker) list(ctx context.Context, c rueidis.Client, l lease, all ...registration) (int64, error) {
	if !clustered(c) {
		return 0, nil
	}
	args := []string{strconv.FormatInt(l.due, 10)}
	for _, at := range all {
		args = append(args, at.text())
	}
	return scripts.list.run(ctx, c, []string{b.names.owned(l.node)}, args).AsInt64()
}

func (b *Broker) joinCall(c rueidis.Client, l lease, at registration, m broker.Member) invocation {
	keys := b.presenceKeys(at.topic)
	if !clustered(c) {
		keys = append(keys, b.names.leases(), b.names.owned(l.node))
	}
	return invocation{keys, []string{
		at.user, l.node, strconv.Itoa(max(m.Sessions, 0)), string(m.Info), strconv.FormatInt(l.due, 10), at.text(),
	}}
}

func joinChange(n int64) broker.Change {
	switch n {
	case 1:
		return broker.Joined
	case 2:
		return broker.Updated
	}
	return broker.Unchanged
}

func (b *Broker) presenceKeys(topic string) []string {
	return []string{b.names.order(topic), b.names.info(topic), b.names.regs(topic)}
}

// Leave ends the user's registration of this node, in one round trip, two on a cluster.
// Errors: ErrUnavailable, ErrClosed, or that of the context; it is to be called again then.
func (b *Broker) Leave(ctx context.Context, topic, user string) (broker.Change, error) {
	if err := b.check(ctx); err != nil {
		return broker.Unchanged, err
	}
	left, err := b.leave(ctx, registration{topic, user})
	if err != nil || !left {
		return broker.Unchanged, fail(ctx, "leave "+topic, err)
	}
	return broker.Left, nil
}

func (b *Broker) leave(ctx context.Context, at registration) (left bool, err error) {
	if err := b.members.turns.take(ctx, at); err != nil {
		return false, err
	}
	defer b.members.turns.end(at)
	b.members.unset(at)
	return b.leaveAs(ctx, append(slices.Clone(b.members.names()), b.members.lease().node), at)
}

// leaveAs ends the registrations under these names, and takes them out of the lists. It
// reports whether the user is on no node any more.
func (b *Broker) leaveAs(ctx context.Context, nodes []string, at registration) (left bool, err error) {
	for _, node := range nodes {
		err = b.call(ctx, true, func(c rueidis.Client) error {
			call := b.leaveCall(c, node, at)
			_, gone, err := parseLeave(scripts.leave.run(ctx, c, call.keys, call.args))
			left = left || gone // a repeat does not know it any more
			if err != nil {
				return err
			}
			return b.unlist(ctx, c, node, at.text())
		})
		if err != nil {
			return left, err
		}
	}
	return left, nil
}

// unlist takes what was ended out of the list, on a cluster; elsewhere leave.lua does it.
func (b *Broker) unlist(ctx context.Context, c rueidis.Client, node string, texts ...string) error {
	if !clustered(c) {
		return nil
	}
	return c.Do(ctx, c.B().Srem().Key(b.names.owned(node)).Member(texts...).Build()).Error()
}

func (b *Broker) leaveCall(c rueidis.Client, node string, at registration) invocation {
	keys := b.presenceKeys(at.topic)
	if !clustered(c) {
		keys = append(keys, b.names.owned(node))
	}
	return invocation{keys, []string{at.user, node, at.text()}}
}

// clustered tells whether a script sees the keys of one slot only.
func clustered(c rueidis.Client) bool { return c.Mode() == rueidis.ClientModeCluster }

// parseLeave reads the reply of leave.lua.
func parseLeave(r rueidis.RedisResult) (info []byte, left bool, err error) {
	s, err := r.ToString()
	if rueidis.IsRedisNil(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return infoOf(s), true, nil
}

func infoOf(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}
