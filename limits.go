package live

import (
	"fmt"
	"hash/maphash"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/livetopics/live/internal/topic"
	"github.com/livetopics/live/internal/ws"
)

// Limits bound what clients can cost. 0 is the default of each, -1 none.
type Limits struct {
	// QueueBytes is QueueSize in bytes; 2 MiB by default. One message, however
	// large, may always wait.
	QueueBytes int

	// MailboxSize is how many of a session's messages may wait for OnMessage before
	// its socket is not read any further; 128 by default.
	MailboxSize int

	// Sessions is how many sessions there may be; none by default: the operating
	// system's limit of open files is the usual one.
	Sessions int

	// SessionsPerAddress is how many sessions one remote address may have; none by
	// default, since behind a proxy all clients share the proxy's. The address is
	// that of http.Request.RemoteAddr, which a middleware may set.
	SessionsPerAddress int

	// Subscriptions is how many topics a session may subscribe to by operations;
	// 10,000 by default. Subscriptions that the server made count, but are not
	// refused.
	Subscriptions int

	// MessagesPerSecond is how many messages a session may send per second, after a
	// burst of twice as many; 100,000 by default, which only a flood reaches. What is
	// more is refused.
	MessagesPerSecond int

	// BytesPerSecond is the same in bytes of messages; 64 MiB by default.
	BytesPerSecond int

	// TopicLength is how long a topic may be that a client names, in bytes; 255 by
	// default, which is the longest there is.
	TopicLength int

	// PublicationSize is how large the data of a publication may be, in bytes; 16
	// MiB by default. Clients are bound by ReadLimit before.
	PublicationSize int

	// HistoryBytes is how much memory the histories of all topics may take, where
	// they are in memory; 256 MiB by default. What was published longest ago goes
	// first.
	HistoryBytes int64
}

// The defaults of Limits.
const (
	defaultSubscriptions     = 10_000
	defaultMessagesPerSecond = 100_000
	defaultBytesPerSecond    = 64 << 20
	defaultPublicationSize   = 16 << 20
)

// withDefaults makes -1 and 0 the same: no limit.
func (l Limits) withDefaults() Limits {
	set := func(p *int, v int) {
		if *p == 0 {
			*p = v
		}
		*p = max(*p, 0)
	}
	set(&l.Sessions, 0)
	set(&l.SessionsPerAddress, 0)
	set(&l.Subscriptions, defaultSubscriptions)
	set(&l.MessagesPerSecond, defaultMessagesPerSecond)
	set(&l.BytesPerSecond, defaultBytesPerSecond)
	set(&l.TopicLength, topic.MaxLen)
	set(&l.PublicationSize, defaultPublicationSize)
	return l
}

// census counts sessions, in all and per address.
type census struct {
	all     atomic.Int64
	seed    maphash.Seed
	stripes [16]struct {
		mu        sync.Mutex // guards byAddress
		byAddress map[netip.Addr]int
	}
}

// enter counts a session, or refuses it with the limit's name. address is the zero
// Addr where it is not counted.
func (s *Server) admitOne(r *http.Request) (address netip.Addr, err error) {
	limits := &s.opts.Limits
	if n := s.census.all.Add(1); limits.Sessions > 0 && n > int64(limits.Sessions) {
		s.census.all.Add(-1)
		s.refusedSessions.Add(1)
		return address, refuseFull(fmt.Sprintf("The server has all the sessions it takes (Limits.Sessions is %d). Try again later.", limits.Sessions))
	}
	if limits.SessionsPerAddress <= 0 {
		return address, nil
	}
	if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		address = at.Addr().Unmap()
	} else if address, err = netip.ParseAddr(r.RemoteAddr); err != nil {
		return netip.Addr{}, nil
	}
	if s.census.count(address, limits.SessionsPerAddress) {
		return address, nil
	}
	s.census.all.Add(-1)
	s.refusedSessions.Add(1)
	return netip.Addr{}, refuseFull(fmt.Sprintf("Your address has all the sessions it may have (Limits.SessionsPerAddress is %d).", limits.SessionsPerAddress))
}

func refuseFull(message string) error {
	h := http.Header{}
	h.Set("Retry-After", "5")
	return &ws.HandshakeError{Status: http.StatusServiceUnavailable, Message: message, Header: h}
}

// count counts one session of an address, unless there are as many as may be.
func (c *census) count(address netip.Addr, most int) bool {
	st := &c.stripes[maphash.Comparable(c.seed, address)%uint64(len(c.stripes))]
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.byAddress[address] >= most {
		return false
	}
	if st.byAddress == nil {
		st.byAddress = make(map[netip.Addr]int)
	}
	st.byAddress[address]++
	return true
}

// exit is told that a session which was counted has gone.
func (c *census) exit(address netip.Addr) {
	c.all.Add(-1)
	if !address.IsValid() {
		return
	}
	st := &c.stripes[maphash.Comparable(c.seed, address)%uint64(len(c.stripes))]
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.byAddress[address]--; st.byAddress[address] <= 0 {
		delete(st.byAddress, address)
	}
}
