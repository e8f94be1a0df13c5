package live

import (
	"strings"

	"github.com/livetopics/live/internal/engine"
)

// subscribedByClient marks subscriptions that a client's operation made: those are
// checked again when its credentials change.
const subscribedByClient = 1

// tracked reports whether somebody besides the engine has to know who is subscribed to
// a topic: the broker, presence, the hooks. It depends on the options and the rules
// alone, so that coming and going always agree.
func (s *Server) tracked(name string, rule *Rule) bool {
	if strings.HasPrefix(name, "$") {
		return !s.local // others have to tell
	}
	return rule != nil && (rule.History.On() || rule.Presence) || s.opts.OnTopicActive != nil || s.opts.OnTopicIdle != nil || !s.local
}

// join makes a session a subscriber of a topic, by a function of the engine's, and
// tells whom else it concerns, in an order in which nobody misses anything: those before
// the engine. It reports whether the session was none before; it is undone if not.
func (s *Server) join(session *Session, name string, how func() (added bool, err error)) error {
	rule, _ := s.rules.of(name)
	if !s.tracked(name, rule) {
		_, err := how()
		return err
	}
	var who person
	if rule != nil && rule.Presence {
		who = session.identity() // not with x.mu held: it is a hook
		defer session.reappear(who)
	}
	x := session.more()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.gone {
		return engine.ErrClosed
	}
	if _, already := session.conn.Flags(name); already {
		_, err := how()
		return err
	}
	var history History
	if rule != nil {
		history = rule.History
	}
	if err := s.topics.enter(name, history); err != nil {
		return err
	}
	if rule != nil && rule.Presence {
		if err := session.appear(x, name, rule, who); err != nil {
			s.topics.leave(name)
			return err
		}
	}
	if added, err := how(); !added {
		session.vanish(x, name)
		s.topics.leave(name)
		return err
	}
	return nil
}

// leave ends a session's subscription, and that to the topic's presence events.
func (s *Server) leave(session *Session, name string) error {
	rule, _ := s.rules.of(name)
	if rule != nil && rule.Presence {
		session.unwatchPresence(name)
	}
	_, err := s.quit(session, name, rule)
	return err
}

// quit ends one subscription, and reports whether there was one.
func (s *Server) quit(session *Session, name string, rule *Rule) (removed bool, err error) {
	if !s.tracked(name, rule) {
		return s.engine.Unsubscribe(&session.conn, name)
	}
	x := session.more()
	x.mu.Lock()
	defer x.mu.Unlock()
	if removed, err = s.engine.Unsubscribe(&session.conn, name); removed {
		session.vanish(x, name)
		s.topics.leave(name)
	}
	return removed, err
}

// leaveAll is told that the session has ended.
func (s *Server) leaveAll(session *Session) {
	x := session.extra.Load()
	if x == nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.gone = true
	for _, name := range session.conn.Topics() {
		rule, _ := s.rules.of(name)
		if s.tracked(name, rule) {
			session.vanish(x, name)
			s.topics.leave(name)
		}
	}
}
