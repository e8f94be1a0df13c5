package redisbroker

import (
	"bytes"
	"context"
	"strconv"
	"strings"

	"github.com/redis/rueidis"

	"github.com/livetopics/live/broker"
)

// Join registers the user under this node's lease, which begins with the first Join. The
// first for a user takes two round trips, later ones take one. Errors: ErrUnavailable,
// ErrClosed, or that of the context; the user may be registered or not then, until Join
// or Leave succeeds.
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
	if err := b.takeLease(ctx); err != nil {
		return broker.Unchanged, err
	}
	node, _ := b.members.name()
	added := b.members.set(at, m)
	for {
		change, err := b.joinAs(ctx, node, at, m, added)
		if err != nil {
			return broker.Unchanged, err
		}
		now, _ := b.members.name()
		if now == node {
			return change, nil
		}
		// The node was taken for dead meanwhile: nobody may look after the old name.
		if _, err := b.leaveAs(ctx, node, at); err != nil {
			return change, err
		}
		node, added = now, true
	}
}

// joinAs registers under a name. What is listed is found again when the node is dead, so
// the list comes first.
func (b *Broker) joinAs(ctx context.Context, node string, at registration, m broker.Member, list bool) (broker.Change, error) {
	var change int64
	call := b.joinCall(node, at, m)
	err := b.call(ctx, true, func(c rueidis.Client) (err error) {
		if list {
			if err := c.Do(ctx, c.B().Sadd().Key(b.names.owned(node)).Member(at.text()).Build()).Error(); err != nil {
				return err
			}
		}
		change, err = scripts.join.run(ctx, c, call.keys, call.args).AsInt64()
		return err
	})
	return joinChange(change), err
}

func (b *Broker) joinCall(node string, at registration, m broker.Member) invocation {
	return invocation{
		keys: b.presenceKeys(at.topic),
		args: []string{at.user, node, strconv.Itoa(max(m.Sessions, 0)), string(m.Info)},
	}
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

// Leave ends the user's registration of this node, in two round trips. Errors:
// ErrUnavailable, ErrClosed, or that of the context; it is to be called again then.
func (b *Broker) Leave(ctx context.Context, topic, user string) (broker.Change, error) {
	if err := b.check(ctx); err != nil {
		return broker.Unchanged, err
	}
	at := registration{topic, user}
	b.members.unset(at)
	for node, _ := b.members.name(); ; {
		left, err := b.leaveAs(ctx, node, at)
		if err != nil {
			return broker.Unchanged, fail(ctx, "leave "+topic, err)
		}
		now, _ := b.members.name()
		switch {
		case left:
			return broker.Left, nil
		case now == node:
			return broker.Unchanged, nil
		}
		node = now
	}
}

// leaveAs ends a registration under a name, and then takes it out of the list. It reports
// whether the user is on no node any more.
func (b *Broker) leaveAs(ctx context.Context, node string, at registration) (left bool, err error) {
	call := b.leaveCall(node, at)
	err = b.call(ctx, true, func(c rueidis.Client) error {
		_, gone, err := parseLeave(scripts.leave.run(ctx, c, call.keys, call.args))
		left = left || gone // a repeat does not know it any more
		if err != nil {
			return err
		}
		return c.Do(ctx, c.B().Srem().Key(b.names.owned(node)).Member(at.text()).Build()).Error()
	})
	return left, err
}

func (b *Broker) leaveCall(node string, at registration) invocation {
	return invocation{keys: b.presenceKeys(at.topic), args: []string{at.user, node}}
}

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

// Members reads who is present, in one round trip; with limit 0 only the count, which
// does not depend on how many there are. Errors: ErrUnavailable, ErrClosed, or that of the
// context.
func (b *Broker) Members(ctx context.Context, topic string, limit int) (broker.Members, error) {
	if err := b.check(ctx); err != nil {
		return broker.Members{}, err
	}
	var members broker.Members
	keys, args := b.presenceKeys(topic), []string{strconv.Itoa(max(limit, 0))}
	err := b.call(ctx, true, func(c rueidis.Client) (err error) {
		members, err = parseMembers(scripts.members.run(ctx, c, keys, args))
		return err
	})
	return members, fail(ctx, "list the members of "+topic, err)
}

// parseMembers reads the reply of members.lua.
func parseMembers(r rueidis.RedisResult) (members broker.Members, err error) {
	all, err := r.ToArray()
	if err != nil {
		return members, err
	}
	if len(all)%3 != 1 {
		return members, errReply
	}
	count, err := all[0].AsInt64()
	if err != nil {
		return members, err
	}
	members.Count = int(count)
	for all = all[1:]; len(all) > 0; all = all[3:] {
		var parts [3]string
		for i := range parts {
			if parts[i], err = all[i].ToString(); err != nil {
				return members, err
			}
		}
		members.List = append(members.List, broker.Member{User: parts[0], Info: infoOf(parts[1]), Sessions: sessions(parts[2])})
	}
	return members, nil
}

// sessions adds up what all nodes have registered of a user: node=sessions, with a comma
// after each.
func sessions(registrations string) (sum int) {
	for one := range strings.SplitSeq(registrations, ",") {
		_, n, _ := strings.Cut(one, "=")
		if n, err := strconv.Atoi(n); err == nil {
			sum += n
		}
	}
	return sum
}
