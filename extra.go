package live

import (
	"net/netip"
	"sync"
	"time"
)

// extra is what a session has that does more than listen and talk to OnMessage. Most
// have none of it, or little: it is made when it is first needed.
type extra struct {
	// Set once, before the first hook.
	client    string     // ?client=, by which it is known over its connections
	address   netip.Addr // that it counts for in Limits.SessionsPerAddress
	versioned bool       // it offered live.v1

	spoke bool    // it sent an operation; for the mailbox's goroutine only
	rate  buckets // for the mailbox's goroutine only
	catch catcher

	// Held while the session's place on a topic of server.tracked changes, so that
	// the broker, presence and the engine agree; guards gone and present. It may be
	// held for as long as the broker takes.
	mu      sync.Mutex
	gone    bool                // the session has ended
	present map[string]struct{} // topics on which its user is present

	expiry expiryEntry // guarded by the server's expiries
}

// more returns the session's extra.
func (s *Session) more() *extra {
	if x := s.extra.Load(); x != nil {
		return x
	}
	x := &extra{}
	x.catch.session = s
	x.expiry.at = notScheduled
	if s.extra.CompareAndSwap(nil, x) {
		return x
	}
	return s.extra.Load()
}

// SetExpiry sets when the session's credentials run out: it is closed then with code
// 4001, and the client comes back with new ones. A later call, as from OnRefresh,
// replaces the time; the zero time is never.
func (s *Session) SetExpiry(t time.Time) { s.server.expiries.set(s, t) }

// Expiry returns what SetExpiry set, or the zero time.
func (s *Session) Expiry() time.Time { return s.server.expiries.of(s) }
