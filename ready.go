package live

import "errors"

// Why a server is not ready.
var (
	// ErrDraining: Drain has been called; the server is about to shut down.
	ErrDraining = errors.New("live: the server is draining")
	// ErrNotJoined: the server has not reached its broker yet.
	ErrNotJoined = errors.New("live: the server has not reached its broker yet")
)

// Ready returns nil if new clients should be sent to this server, for a load balancer's
// check, else ErrServerClosed, ErrDraining or ErrNotJoined. That the broker went away
// later is no reason: it is away for all servers, and the sessions they have stay.
// BrokerErr says so. It does not block.
func (s *Server) Ready() error {
	switch {
	case s.closing.Load():
		return ErrServerClosed
	case s.draining.Load() != nil:
		return ErrDraining
	case !s.local && !s.cluster.joined.Load():
		return ErrNotJoined
	}
	return nil
}

// BrokerErr returns why the broker cannot be reached at this moment, or nil. Until it can
// be again sessions stay, what is published is refused with ErrUnavailable, and so are
// subscriptions to topics with history. It does not block.
func (s *Server) BrokerErr() error { return s.broker.Err() }
