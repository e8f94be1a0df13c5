package live

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// extra is what a session has that does more than listen and talk. Many have none, and
// most have little of it: each part is made when it is first needed.
type extra struct {
	greeting *greeting // set once, before the first hook; nil if there is nothing in it
	rate     *buckets  // for the mailbox's goroutine only
	catch    atomic.Pointer[catcher]
	expiry   *expiryEntry // guarded by the server's expiries.mu
	watched  atomic.Int32 // topics whose presence events it gets

	// Held while the session's place on a topic that is tracked changes, so that the
	// broker, presence and the engine agree; guards gone and present. It may be held
	// for as long as the broker takes.
	mu      sync.Mutex
	gone    bool                // the session has ended
	present map[string]struct{} // topics on which its user is present
}

// greeting is what a client said of itself when it connected.
type greeting struct {
	client    string     // ?client=, by which it is known over its connections
	address   netip.Addr // that it counts for in Limits.SessionsPerAddress
	versioned bool       // it offered live.v1
}

// more returns the session's extra.
func (s *Session) more() *extra {
	if x := s.extra.Load(); x != nil {
		return x
	}
	s.extra.CompareAndSwap(nil, &extra{})
	return s.extra.Load()
}

// greeted returns what the client said of itself.
func (s *Session) greeted() greeting {
	if x := s.extra.Load(); x != nil && x.greeting != nil {
		return *x.greeting
	}
	return greeting{}
}

// catcher returns the session's.
func (s *Session) catcher() *catcher {
	x := s.more()
	if c := x.catch.Load(); c != nil {
		return c
	}
	x.catch.CompareAndSwap(nil, &catcher{session: s})
	return x.catch.Load()
}

// SetExpiry sets when the session's credentials run out: it is closed then with code
// 4001, and the client comes back with new ones. A later call, as from OnRefresh,
// replaces the time; the zero time is never.
func (s *Session) SetExpiry(t time.Time) { s.server.expiries.set(s, t) }

// Expiry returns what SetExpiry set, or the zero time.
func (s *Session) Expiry() time.Time { return s.server.expiries.of(s) }
