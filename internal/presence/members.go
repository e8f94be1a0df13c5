package presence

import (
	"context"
	"math"

	"github.com/livetopics/live/broker"
)

// Members returns who is on the topic, on all nodes: at most limit in its List (0:
// only their number; negative: all), and the Count of all. Who is in grace is still a
// member, with no session. The numbers of sessions on this node are up to date, those
// on others a second late. Members blocks on the broker; the error is the broker's, the
// context's, or broker.ErrClosed after Close.
func (t *Tracker) Members(ctx context.Context, topic string, limit int) (broker.Members, error) {
	if t.closed.Load() {
		return broker.Members{}, broker.ErrClosed
	}
	if limit < 0 {
		limit = math.MaxInt
	}
	s := t.stripe(topic)
	var at moment
	s.mu.Lock()
	r := s.rolls[topic]
	if r != nil {
		at = r.moment()
	}
	s.mu.Unlock()

	ms, err := t.broker.Members(ctx, topic, limit)
	if err != nil || r == nil {
		return ms, err
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rolls[topic] == r {
		t.learn(r, at, ms.Count)
	}
	for i := range ms.List {
		// The broker's number is that of all nodes, and ours in it may be an old one.
		if m := s.members[name{r, ms.List[i].User}]; m != nil && m.registered {
			ms.List[i].Sessions += int(m.sessions - m.told)
		}
	}
	return ms, nil
}
