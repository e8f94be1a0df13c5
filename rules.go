package live

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/internal/topic"
)

// rules are what Server.Topic registered. They do not change once a session has come.
type rules struct {
	table topic.Table[*Rule]
	wild  map[string]*Rule // of wildcards, by their text
}

// Topic sets the rule for the topics that match a pattern: chat:{room} matches chat:42,
// and files:{path...} all that begins with files: and goes on. The most specific
// pattern wins, as in http.ServeMux. A wildcard, orders:* or orders:**, is a rule for
// subscribing to that very wildcard: it decides for all topics that match it.
//
// Rules are registered before the first session connects. Topic panics if it is later,
// if the pattern is not one, if neither of two patterns that match the same topic is
// more specific, for rules that make no sense, such as Replay without History, and for
// a History that the broker cannot keep. In a cluster it waits for the broker, some
// seconds for all rules together: one that does not answer is no error.
func (s *Server) Topic(pattern string, r Rule) {
	if s.serving.Load() {
		panic(fmt.Sprintf("live: Topic(%q): rules are registered before the first session connects", pattern))
	}
	if r.History.Name == "" {
		r.History.Name = pattern
	}
	err := s.rules.add(pattern, r)
	if err == nil && r.History.On() {
		err = s.prepare(r.History)
	}
	if err != nil {
		panic(fmt.Sprintf("live: Topic(%q): %v", pattern, err))
	}
}

// A server does not wait longer than prepareTimeout for its broker before it serves, nor
// shorter than prepareLeast for what one rule needs.
const (
	prepareTimeout = 5 * time.Second
	prepareLeast   = 50 * time.Millisecond
)

// prepare has the broker make what a history needs.
func (s *Server) prepare(h History) error {
	if s.prepareBy.IsZero() {
		s.prepareBy = time.Now().Add(prepareTimeout)
	}
	ctx, cancel := context.WithTimeout(context.Background(), max(time.Until(s.prepareBy), prepareLeast))
	defer cancel()
	err := s.broker.Prepare(ctx, h)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, broker.ErrUnavailable) {
		s.log.Warn("live: the broker does not answer: what the history needs is made later", "history", h.Name, "error", err)
		return nil
	}
	return err
}

func (r *rules) add(pattern string, rule Rule) error {
	if rule.PresenceLimit <= 0 {
		rule.PresenceLimit = defaultPresenceLimit
	}
	if err := rule.validate(); err != nil {
		return err
	}
	if topic.IsWildcard(pattern) {
		return r.addWildcard(pattern, rule)
	}
	p, err := topic.ParsePattern(pattern)
	if err != nil {
		return err
	}
	return r.table.Add(p, &rule)
}

func (r *Rule) validate() error {
	switch {
	case r.History.Size < 0 || r.History.Age < 0:
		return fmt.Errorf("History has a negative Size or Age")
	case r.History.Age > 0 && r.History.Size == 0:
		return fmt.Errorf("History has an Age, and no Size: say how many publications are kept at most")
	case r.Overflow > Replay:
		return fmt.Errorf("Overflow %d is none", r.Overflow)
	case r.Overflow == Replay && !r.History.On():
		return fmt.Errorf("Overflow: Replay needs a History to replay from")
	}
	return nil
}

func (r *rules) addWildcard(pattern string, rule Rule) error {
	if err := nameFault(pattern); err != nil {
		return err
	}
	if rule.CanPublish != nil || rule.Accept != nil || rule.History.On() || rule.Presence || rule.Snapshot != nil || rule.Overflow != Disconnect {
		return fmt.Errorf("a wildcard's rule has CanSubscribe and nothing else: the rest is of the topics that match")
	}
	if _, again := r.wild[pattern]; again {
		return fmt.Errorf("registered already")
	}
	if r.wild == nil {
		r.wild = make(map[string]*Rule)
	}
	r.wild[pattern] = &rule
	return nil
}

// of returns the rule for a topic, nil if there is none. It costs some tens of
// nanoseconds, which is why nothing remembers what it found.
func (r *rules) of(name string) (*Rule, Match) {
	rule, pattern, _ := r.table.Lookup(name)
	return rule, Match{name, pattern}
}

// presenceLimit returns how many members the topic's rule lists.
func (r *rules) presenceLimit(name string) int {
	if rule, _ := r.of(name); rule != nil {
		return rule.PresenceLimit
	}
	return 0
}

// overflow returns what the topic's rule says of slow readers.
func (r *rules) overflow(name string) Overflow {
	if rule, _ := r.of(name); rule != nil {
		return rule.Overflow
	}
	return Disconnect
}
