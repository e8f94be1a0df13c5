package livetest

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/livetopics/live"
)

// Server is a live.Server for a test, with clients in memory. All that a live.Server has
// is there: Topic, Publish, Subscribe, Presence, Stats.
type Server struct {
	*live.Server

	named atomic.Uint64 // clients that were given a name

	mu      sync.Mutex     // guards clients
	clients []*Client      // every one that was dialled
	readers sync.WaitGroup // a goroutine for every connection of a client
}

// NewServer starts a server that ends with the test. Register rules with Topic before
// the first Dial.
//
// When the test ends, the server is shut down: a hook that does not return within 30 s,
// and a session or subscription that is left, fail the test. What the server logs goes
// to the test's output unless o has a Logger.
//
// Without o.OnAuth everybody may connect, and Session.Value is the string given with
// User, empty without one; then, without o.Identify, it is the user as well.
//
// Made inside a testing/synctest bubble, the server lives in it: its timeouts and grace
// periods are of the bubble's time.
func NewServer(t testing.TB, o live.Options) *Server {
	t.Helper()
	log := &testLog{t: t}
	if o.Logger == nil {
		o.Logger = log.logger()
	}
	s := &Server{}
	hook(&o)
	o.NoPoller = true // a goroutine that waits for the system is never idle for a bubble
	s.Server = live.New(o)
	t.Cleanup(func() {
		s.stop(t)
		log.close()
	})
	return s
}

// stop ends the server and its clients, and fails the test if anything is left.
func (s *Server) stop(t testing.TB) {
	t.Helper()
	for _, c := range s.dialled() {
		c.leave()
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("livetest: the server's Shutdown after the test: %v: is there a hook that has not returned?", err)
	}
	for _, c := range s.dialled() {
		c.cut()
	}
	s.readers.Wait()
	if left := s.Stats(); left.Sessions != 0 || left.Topics != 0 || left.Subscriptions != 0 {
		t.Errorf("livetest: left in the server after the test: %d sessions, %d topics, %d subscriptions",
			left.Sessions, left.Topics, left.Subscriptions)
	}
}

func (s *Server) dialled() []*Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clients
}

func (s *Server) add(c *Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients = append(s.clients, c)
}

// patience is how long a client waits for what must happen, in a bubble of the bubble's
// time: there it is over at once if nothing else is due.
const patience = 30 * time.Second
