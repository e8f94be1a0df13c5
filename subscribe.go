package live

import (
	"errors"

	"github.com/livetopics/live/internal/engine"
)

// Subscribe makes a session a subscriber of a topic: it gets everything that is
// published after Subscribe has returned. To subscribe again changes nothing. It
// does not block. It returns ErrInvalidTopic, which is logged as well, ErrWrongServer
// or ErrSessionClosed.
func (s *Server) Subscribe(session *Session, topic string) error {
	return s.subscription("subscribe", session, topic, s.engine.Subscribe)
}

// Unsubscribe ends a subscription: the session gets nothing that is published after
// Unsubscribe has returned. Without a subscription it does nothing. It does not
// block. Its errors are those of Subscribe.
func (s *Server) Unsubscribe(session *Session, topic string) error {
	return s.subscription("unsubscribe", session, topic, s.engine.Unsubscribe)
}

func (s *Server) subscription(verb string, session *Session, topic string, do func(*engine.Conn, string) (bool, error)) error {
	if session == nil || session.server != s {
		return s.refused(verb, ErrWrongServer)
	}
	if err := checkTopic(topic); err != nil {
		return s.refused(verb, err)
	}
	_, err := do(&session.conn, topic)
	return sessionError(err)
}

// Subscribers returns how many sessions are subscribed to the topic.
func (s *Server) Subscribers(topic string) int { return s.engine.Subscribers(topic) }

// refused logs a mistake of the application's, since callers may ignore the error.
func (s *Server) refused(verb string, err error) error {
	if !errors.Is(err, ErrSessionClosed) {
		s.log.Warn("live: refused to "+verb, "error", err)
	}
	return err
}
