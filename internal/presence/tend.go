package presence

import (
	"context"

	"github.com/livetopics/live/broker"
)

// Tend is to be called every broker.TendEvery where there are other nodes: it tells the
// broker that this one lives, and announces who left with a node that died, or is there
// again with this one, that was thought dead. It blocks on the broker, whose error it
// returns.
func (t *Tracker) Tend(ctx context.Context) error {
	moved, err := t.broker.Tend(ctx)
	byTopic := make(map[string][]broker.Moved)
	var topics []string
	for _, m := range moved {
		if byTopic[m.Topic] == nil {
			topics = append(topics, m.Topic)
		}
		byTopic[m.Topic] = append(byTopic[m.Topic], m)
	}
	for _, topic := range topics {
		t.announceMoved(ctx, topic, byTopic[topic])
	}
	return err
}

// announceMoved announces the changes of one topic: of a crowd, its number.
func (t *Tracker) announceMoved(ctx context.Context, topic string, moved []broker.Moved) {
	limit := t.opts.Limit(topic)
	count, crowd := 0, false
	if limit > 0 {
		ms, err := t.broker.Members(ctx, topic, 0)
		if err != nil {
			t.opts.Failed(topic, err)
		}
		count, crowd = ms.Count, err == nil && ms.Count+len(moved) > limit
	}
	s := t.stripe(topic)
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.closed.Load() {
		return
	}
	if r := s.rolls[topic]; r != nil {
		t.shift(r, moved, count, crowd)
		return
	}
	if crowd {
		t.opts.Announce(topic, Event{Kind: Count, Count: count})
		return
	}
	for i := range moved {
		t.opts.Announce(topic, movedEvent(&moved[i]))
	}
}

// shift announces changes of a topic that has members on this node. The stripe is
// locked.
func (t *Tracker) shift(r *roll, moved []broker.Moved, count int, crowd bool) {
	if crowd {
		r.total, r.crowd = count, true
		if !r.counting {
			t.count(r)
		}
		return
	}
	for i := range moved {
		ev := movedEvent(&moved[i])
		if ev.Kind == Leave {
			r.total = max(r.total-1, 0)
		} else {
			r.total++
		}
		if !r.crowd {
			t.announce(r, ev)
		}
	}
	if r.crowd && !r.counting {
		t.count(r)
	}
}

func movedEvent(m *broker.Moved) Event {
	if m.Change == broker.Left {
		return Event{Kind: Leave, Member: m.Member}
	}
	return Event{Kind: Join, Member: m.Member}
}
