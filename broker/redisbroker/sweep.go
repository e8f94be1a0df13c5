package redisbroker

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/redis/rueidis"

	"github.com/livetopics/live/broker"
)

// How much is searched in one call of Tend, and how many topics wait for it at most.
const (
	sweepTopics  = 64
	sweepUsers   = 256 // about, of each
	mostSuspects = 1024
)

// sweeper knows which topics are to be searched for registrations that belong to no node:
// those whose members somebody has asked for, and by turns those that this node has
// members on. There is nothing to be found unless servers lost data.
type sweeper struct {
	mu       sync.Mutex // guards the fields below
	suspects map[string]struct{}
	begun    []swept
	round    []string
}

// swept is a topic, and from where on it is to be read.
type swept struct {
	topic  string
	cursor uint64
}

// suspect has the topic searched soon.
func (s *sweeper) suspect(topic string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.suspects == nil {
		s.suspects = make(map[string]struct{})
	}
	if _, there := s.suspects[topic]; !there && len(s.suspects) < mostSuspects {
		s.suspects[strings.Clone(topic)] = struct{}{}
	}
}

// take returns what to read next, each topic once. It asks for the node's own topics when
// it has been through them.
func (s *sweeper) take(own func() []string) (list []swept) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, s.begun = s.begun, nil
	seen := make(map[string]bool)
	for _, one := range list {
		seen[one.topic] = true
	}
	for topic := range s.suspects {
		if len(list) == sweepTopics {
			return list
		}
		delete(s.suspects, topic)
		if !seen[topic] {
			seen[topic], list = true, append(list, swept{topic: topic})
		}
	}
	if len(s.round) == 0 {
		s.round = own()
	}
	for len(s.round) > 0 && len(list) < sweepTopics {
		topic := s.round[0]
		s.round = s.round[1:]
		if !seen[topic] {
			seen[topic], list = true, append(list, swept{topic: topic})
		}
	}
	return list
}

// again has more of a topic read.
func (s *sweeper) again(one swept) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun = append(s.begun, one)
}

// sweep reads some registrations, and ends those under names of which the server knows no
// lease, and those under this node's name which it does not have. It tells who left. What
// fails is found another time.
func (b *Broker) sweep(ctx context.Context) (moved []broker.Moved) {
	list := b.sweeper.take(b.members.topics)
	if len(list) == 0 {
		return nil
	}
	// Its errors are those of servers, and calls that matter more see them too.
	b.call(ctx, false, func(c rueidis.Client) error {
		found := b.registered(ctx, c, list)
		us := b.members.lease().node
		gone, err := b.disown(ctx, c, us, found[us])
		moved = append(moved, gone...)
		delete(found, us)
		if err != nil || len(found) == 0 {
			return err
		}
		unknown, err := b.unknown(ctx, c, slices.Collect(maps.Keys(found)))
		for _, node := range unknown {
			for all := range slices.Chunk(found[node], buryEach) {
				gone, err := b.leaveAll(ctx, c, node, all)
				moved = append(moved, gone...)
				if err != nil {
					return err
				}
			}
		}
		return err
	})
	return moved
}

// registered reads a page of each topic, and returns what is registered there by name.
func (b *Broker) registered(ctx context.Context, c rueidis.Client, list []swept) map[string][]registration {
	commands := make([]rueidis.Completed, len(list))
	for i, one := range list {
		commands[i] = c.B().Hscan().Key(b.names.regs(one.topic)).Cursor(one.cursor).Count(sweepUsers).Build()
	}
	found := make(map[string][]registration)
	for i, r := range c.DoMulti(ctx, commands...) {
		entry, err := r.AsScanEntry()
		if err != nil {
			continue
		}
		for j := 0; j+1 < len(entry.Elements); j += 2 {
			at := registration{list[i].topic, entry.Elements[j]}
			for one := range strings.SplitSeq(entry.Elements[j+1], ",") {
				if node, _, ok := strings.Cut(one, "="); ok {
					found[node] = append(found[node], at)
				}
			}
		}
		if entry.Cursor != 0 {
			b.sweeper.again(swept{list[i].topic, entry.Cursor})
		}
	}
	return found
}

// unknown returns those names that neither live nor wait to be buried. Whose registration
// was seen before has taken its lease before that.
func (b *Broker) unknown(ctx context.Context, c rueidis.Client, nodes []string) (all []string, err error) {
	scores, err := c.Do(ctx, c.B().Zmscore().Key(b.names.leases()).Member(nodes...).Build()).ToArray()
	if err != nil || len(scores) != len(nodes) {
		return nil, err
	}
	for i := range scores {
		if scores[i].IsNil() {
			all = append(all, nodes[i])
		}
	}
	return all, nil
}
