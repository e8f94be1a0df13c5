package live

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// pollTimeout is how long other servers have to answer where the caller sets no
// deadline.
const pollTimeout = 2 * time.Second

// NodeStats are one server's of a cluster.
type NodeStats struct {
	ID     string // of the server among all there ever were
	Name   string // Options.Node; not unique
	Silent bool   // it did not answer in time: Stats are zero
	Stats  Stats  // that it counts
}

// Nodes returns the counts of all servers of the cluster, this one first, the others in
// the order of their names. It waits for them until the context ends, 2 s if that has no
// deadline; those that have not answered by then are marked. It returns ErrUnavailable
// where it cannot be told who they are: then this server's are all there is.
func (s *Server) Nodes(ctx context.Context) ([]NodeStats, error) {
	ctx, cancel := pollContext(ctx)
	defer cancel()
	all := []NodeStats{{ID: s.cluster.id, Name: s.cluster.name, Stats: s.Stats()}}
	p, err := s.cluster.ask(ctx, request{What: askStats})
	for id, name := range p.nodes {
		one := NodeStats{ID: id, Name: name}
		a, answered := p.answers[id]
		one.Silent = !answered || json.Unmarshal(a.Result, &one.Stats) != nil
		all = append(all, one)
	}
	slices.SortFunc(all[1:], func(a, b NodeStats) int {
		return strings.Compare(a.Name+"\x00"+a.ID, b.Name+"\x00"+b.ID)
	})
	return all, err
}

func pollContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, bounded := ctx.Deadline(); bounded {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, pollTimeout)
}

// TopicQuery says which topics ActiveTopics lists.
type TopicQuery struct {
	Prefix string // those whose names begin so
	After  string // those whose names come after this one: the last of the page before
	Limit  int    // so many at most; 0 is 100, and never more than 1000
}

// ActiveTopic is one with subscribers.
type ActiveTopic struct {
	Topic       string // or wildcard
	Subscribers int    // on all servers that answered; those of wildcards do not count
}

// ActiveTopics are a page of those that have subscribers.
type ActiveTopics struct {
	Topics []ActiveTopic // in the order of their names
	More   bool          // there are others after these
	Silent []string      // the names of servers that did not answer in time
}

// The sizes of a page of topics.
const (
	defaultTopics = 100
	mostTopics    = 1000
)

// ActiveTopics lists the topics that have subscribers on any server of the cluster. It
// waits for the others until the context ends, 2 s if that has no deadline; those that
// have not answered by then are named in the page. It returns ErrUnavailable where it
// cannot be told who they are: then the page is this server's. It looks at every topic
// of each server.
func (s *Server) ActiveTopics(ctx context.Context, q TopicQuery) (ActiveTopics, error) {
	ctx, cancel := pollContext(ctx)
	defer cancel()
	pages := []ActiveTopics{s.activeTopics(q)}
	p, err := s.cluster.ask(ctx, request{What: askTopics, Query: &q})
	merged := ActiveTopics{Silent: p.silent()}
	for id, a := range p.answers {
		var page ActiveTopics
		if json.Unmarshal(a.Result, &page) != nil {
			merged.Silent = append(merged.Silent, p.nodes[id])
			continue
		}
		pages = append(pages, page)
	}
	merged.merge(pages, q.limit())
	return merged, err
}

func (q TopicQuery) limit() int {
	if q.Limit <= 0 {
		return defaultTopics
	}
	return min(q.Limit, mostTopics)
}

// merge adds up pages of the same query. Each has all that it knows up to its last one,
// so the first of all of them are complete.
func (m *ActiveTopics) merge(pages []ActiveTopics, limit int) {
	sums := make(map[string]int)
	for _, page := range pages {
		m.More = m.More || page.More
		for _, t := range page.Topics {
			sums[t.Topic] += t.Subscribers
		}
	}
	m.fill(sums, limit)
}

// fill sets the first topics in the order of their names.
func (m *ActiveTopics) fill(sums map[string]int, limit int) {
	for name, n := range sums {
		m.Topics = append(m.Topics, ActiveTopic{name, n})
	}
	slices.SortFunc(m.Topics, func(a, b ActiveTopic) int { return strings.Compare(a.Topic, b.Topic) })
	if len(m.Topics) > limit {
		m.Topics, m.More = slices.Clip(m.Topics[:limit]), true
	}
}

// activeTopics is this server's page.
func (s *Server) activeTopics(q TopicQuery) (page ActiveTopics) {
	sums := make(map[string]int)
	s.engine.EachTopic(func(name string, subscribers int) {
		if strings.HasPrefix(name, q.Prefix) && name > q.After && !strings.HasPrefix(name, "$") {
			sums[name] = subscribers
		}
	})
	page.fill(sums, q.limit())
	return page
}
