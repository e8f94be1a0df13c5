package live

import (
	"errors"

	"github.com/livetopics/live/internal/topic"
)

// Subscribe makes a session a subscriber of a topic: it gets everything that is published
// after Subscribe has returned. To subscribe again changes nothing. It needs no rule, and
// takes no wildcard: those are for clients, where a rule allows them. It does not block,
// except on topics with presence and in a cluster, where it waits for the broker.
//
// It returns ErrInvalidTopic, which is logged as well, ErrWrongServer, ErrSessionClosed
// or ErrUnavailable.
func (s *Server) Subscribe(session *Session, topic string) error {
	if err := s.checkSubscription("subscribe", session, topic); err != nil {
		return err
	}
	return sessionError(s.join(session, topic, func() (bool, error) {
		return s.engine.Subscribe(&session.conn, topic)
	}))
}

// Unsubscribe ends a subscription: the session gets nothing that is published after
// Unsubscribe has returned. Without a subscription it does nothing. It does not
// block. Its errors are those of Subscribe.
func (s *Server) Unsubscribe(session *Session, topic string) error {
	if err := s.checkSubscription("unsubscribe", session, topic); err != nil {
		return err
	}
	return sessionError(s.leave(session, topic))
}

func (s *Server) checkSubscription(verb string, session *Session, topic string) error {
	if session == nil || session.server != s {
		return s.refused(verb, ErrWrongServer)
	}
	if err := checkTopic(topic); err != nil {
		return s.refused(verb, err)
	}
	return nil
}

// nameFault says what is wrong with the name of a topic or a wildcard.
func nameFault(name string) error {
	if topic.Reserved(name) {
		return errReserved
	}
	if topic.IsWildcard(name) {
		_, err := topic.ParseWildcard(name)
		return err
	}
	return topic.Valid(name)
}

var errReserved = errors.New("names that begin with $ are the server's own")

// Subscribers returns how many sessions of this server are subscribed to the topic, or
// to the wildcard of that name. Those subscribed to a wildcard that matches a topic do
// not count for the topic.
func (s *Server) Subscribers(topic string) int { return s.engine.Subscribers(topic) }

// refused logs a mistake of the application's, since callers may ignore the error.
func (s *Server) refused(verb string, err error) error {
	if !errors.Is(err, ErrSessionClosed) {
		s.log.Warn("live: refused to "+verb, "error", err)
	}
	return err
}
