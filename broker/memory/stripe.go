package memory

import (
	"sync"

	"github.com/livetopics/live/broker"
)

// stripe is a share of the topics, and what is known of them.
type stripe struct {
	mu      sync.Mutex // guards the fields below, and the topics; held while Deliver is called
	topics  map[string]*topic
	most    int     // topics that the map had room for
	stored  int     // publications of all topics
	recency recency // the topics with publications
	agenda  agenda  // when to look at which topic
	dedups  dedups
	scratch broker.Publication // what Deliver gets
}

// forget takes t out. A map does not shrink: one that has become far too large
// is made anew.
func (s *stripe) forget(t *topic) {
	s.agenda.remove(t)
	delete(s.topics, t.name)
	if len(s.topics) == 0 {
		s.topics, s.most = nil, 0
		return
	}
	if s.most < 64 || len(s.topics) > s.most/4 {
		return
	}
	rest := make(map[string]*topic, len(s.topics))
	for name, t := range s.topics {
		rest[name] = t
	}
	s.topics, s.most = rest, len(rest)
}

func (s *stripe) forgetAll() {
	s.topics, s.most, s.stored = nil, 0, 0
	s.recency, s.agenda, s.dedups = recency{}, agenda{}, dedups{}
}

// due is when there is something to do, never if there is nothing.
func (s *stripe) due() int64 { return min(s.agenda.due(), s.dedups.due()) }
