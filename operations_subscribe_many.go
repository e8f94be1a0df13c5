package live

import (
	"context"
	"sync"

	"github.com/livetopics/live/broker"
)

// atOnce is how many things a broker elsewhere is asked at once for one request: its
// client sends what is asked together in one go.
const atOnce = 128

// together calls f for each, at once if the broker is elsewhere, and waits for all.
func (s *Server) together(entries []*entry, f func(*entry)) {
	if s.local || len(entries) < 2 {
		for _, e := range entries {
			f(e)
		}
		return
	}
	next := make(chan *entry)
	var run sync.WaitGroup
	for range min(atOnce, len(entries)) {
		run.Go(func() {
			for e := range next {
				f(e)
			}
		})
	}
	for _, e := range entries {
		next <- e
	}
	close(next)
	run.Wait()
}

// foresee tells a broker elsewhere at once what hold would tell it one by one: which
// topics are followed, and where the session's user is present. What is returned is to be
// called after hold.
func (s *Session) foresee(entries []*entry) (release func()) {
	if s.server.local || len(entries) < 2 {
		return func() {}
	}
	var who person
	for _, e := range entries {
		if e.err == nil && e.rule.Presence {
			who = s.identity() // a hook: once, and before all else
			break
		}
	}
	told := make([]func(), len(entries))
	place := make(map[*entry]int, len(entries))
	for i, e := range entries {
		place[e] = i
	}
	s.server.together(entries, func(e *entry) {
		if e.err == nil {
			told[place[e]], e.err = s.foreseeOne(e, who)
		}
	})
	return func() {
		for _, undo := range told {
			if undo != nil {
				undo()
			}
		}
	}
}

func (s *Session) foreseeOne(e *entry, who person) (undo func(), err error) {
	t := &s.server.topics
	if err := t.enter(e.name, e.rule.History); err != nil {
		return nil, err
	}
	if !e.rule.Presence {
		return func() { t.leave(e.name) }, nil
	}
	ctx, cancel := s.server.brokerContext(context.Background())
	defer cancel()
	if e.watch {
		if err := t.enter(presencePrefix+e.name, History{}); err != nil {
			t.leave(e.name)
			return nil, err
		}
	}
	undo = func() {
		s.absent(e.name)
		if e.watch {
			t.leave(presencePrefix + e.name)
		}
		t.leave(e.name)
	}
	if err := s.server.presence.Join(ctx, e.name, e.rule.PresenceLimit, s, who.user, who.info); err != nil {
		undo()
		return nil, brokerError(err)
	}
	return undo, nil
}

// absent ends the session's presence on a topic that it has not joined after all.
func (s *Session) absent(topic string) {
	x := s.more()
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, present := x.present[topic]; !present {
		s.server.presence.Leave(topic, s)
	}
}

// missed is the first page of what is to be sent, if it was read already.
func (e *entry) missed() *broker.Page {
	if !e.first || e.answer.Recovered == nil || !*e.answer.Recovered {
		return nil
	}
	return e.page
}
