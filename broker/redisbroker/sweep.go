package redisbroker

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/livetopics/live/broker"
)

// How much is searched in one call of Tend, and how many topics wait for it at most.
const (
	sweepTopics  = 64
	sweepUsers   = 256 // about, of each
	mostSuspects = 1024
)

// sweeper knows which topics are to be searched for registrations that belong to no node,
// or are lost: those whose members somebody has asked for, and by turns those that this
// node has members on. There is little to be found: what servers lost or brought back, and
// calls that were given up and came late.
type sweeper struct {
	mu       sync.Mutex // guards the fields below
	suspects map[string]struct{}
	begun    []swept
	round    []string
	nobody   map[string]time.Time // names without a lease, and since when that is known
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
		if !seen[topic] { // else when it has been read to its end
			delete(s.suspects, topic)
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

// sweep reads some registrations. It ends those under names of which the server knows no
// lease, and those under this node's name which it does not have; what it has and the
// server has not is registered again. It tells what changed. What fails is found another
// time.
func (b *Broker) sweep(ctx context.Context) (moved []broker.Moved) {
	list := b.sweeper.take(b.members.topics)
	if len(list) == 0 {
		return nil
	}
	l := b.members.lease()
	// Its errors are those of servers, and calls that matter more see them too.
	b.call(ctx, false, func(c rueidis.Client) error {
		found, lost := b.registered(ctx, c, l.node, list)
		gone, err := b.disown(ctx, c, l.node, found[l.node])
		moved = append(moved, gone...)
		if err != nil {
			return err
		}
		delete(found, l.node)
		gone, err = b.exorcise(ctx, c, found)
		moved = append(moved, gone...)
		for _, all := range lost {
			if err == nil {
				gone, err = b.register(ctx, l, nil, all)
				moved = append(moved, gone...)
			}
		}
		return err
	})
	return moved
}

// forsaken tells whether a name that has no lease has had none for that long. A server that
// lost the leases has lost those of the living too, who take other names meanwhile.
func (s *sweeper) forsaken(node string, long time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	since, there := s.nobody[node]
	if there && now.Sub(since) < 10*long {
		return now.Sub(since) >= long
	}
	maps.DeleteFunc(s.nobody, func(_ string, since time.Time) bool { return now.Sub(since) >= 10*long })
	if s.nobody == nil {
		s.nobody = make(map[string]time.Time)
	}
	if len(s.nobody) < mostSuspects {
		s.nobody[node] = now
	}
	return false
}

// registered reads a page of each topic, and returns what is registered there by name. Of
// topics that are read as a whole it returns also what this node has and is not there.
func (b *Broker) registered(ctx context.Context, c rueidis.Client, us string, list []swept) (found map[string][]registration, lost [][]registration) {
	commands := make([]rueidis.Completed, len(list))
	for i, one := range list {
		commands[i] = c.B().Hscan().Key(b.names.regs(one.topic)).Cursor(one.cursor).Count(sweepUsers).Build()
	}
	found = make(map[string][]registration)
	for i, r := range c.DoMulti(ctx, commands...) {
		entry, err := r.AsScanEntry()
		if err != nil {
			continue
		}
		topic, ours := list[i].topic, make(map[string]bool)
		for j := 0; j+1 < len(entry.Elements); j += 2 {
			user := entry.Elements[j]
			for one := range strings.SplitSeq(entry.Elements[j+1], ",") {
				if node, _, ok := strings.Cut(one, "="); ok {
					found[node] = append(found[node], registration{topic, user})
					ours[user] = ours[user] || node == us
				}
			}
		}
		if entry.Cursor != 0 {
			b.sweeper.again(swept{topic, entry.Cursor})
		} else if list[i].cursor == 0 {
			if all := b.members.missing(topic, ours); len(all) > 0 {
				lost = append(lost, all)
			}
		}
	}
	return found, lost
}

// exorcise ends what is registered under names that neither live nor wait to be buried, and
// have not for a lease. Who has registered anything had a lease before, so these are dead
// for good.
func (b *Broker) exorcise(ctx context.Context, c rueidis.Client, found map[string][]registration) (moved []broker.Moved, err error) {
	if len(found) == 0 {
		return nil, nil
	}
	nodes := slices.Collect(maps.Keys(found))
	scores, err := c.Do(ctx, c.B().Zmscore().Key(b.names.leases()).Member(nodes...).Build()).ToArray()
	if err != nil || len(scores) != len(nodes) {
		return nil, err
	}
	for i, node := range nodes {
		if !scores[i].IsNil() {
			continue
		}
		if !b.sweeper.forsaken(node, b.o.Lease) {
			for _, at := range found[node] {
				b.sweeper.suspect(at.topic)
			}
			continue
		}
		for all := range slices.Chunk(found[node], buryEach) {
			gone, err := b.leaveAll(ctx, c, node, all)
			moved = append(moved, gone...)
			if err != nil {
				return moved, err
			}
		}
	}
	return moved, nil
}
