package redisbroker

import (
	"context"
	"strconv"
	"strings"

	"github.com/redis/rueidis"

	"github.com/livetopics/live/broker"
)

// Members reads who is present, in one round trip; with limit 0 only the count, which
// does not depend on how many there are. Errors: ErrUnavailable, ErrClosed, or that of the
// context.
func (b *Broker) Members(ctx context.Context, topic string, limit int) (broker.Members, error) {
	if err := b.check(ctx); err != nil {
		return broker.Members{}, err
	}
	var members broker.Members
	b.sweeper.suspect(topic)
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
