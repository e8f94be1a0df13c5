package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/internal/engine"
	"github.com/livetopics/live/internal/presence"
	"github.com/livetopics/live/internal/ws"
)

// Server holds sessions and their subscriptions. Its methods may be called from any
// goroutine.
type Server struct {
	// Set once, by New.
	opts    Options
	log     *slog.Logger
	origins []originPattern
	engine  *engine.Engine
	broker  broker.Broker
	local   bool // the broker is the one in memory

	prepareBy time.Time // until when Topic waits for the broker; set by the first, before any session

	unhurried int // messages of a session in a second that are not counted
	rules     rules

	sessions registry
	users    users
	census   census
	cluster  cluster
	topics   topics
	presence *presence.Tracker

	untoldPresence seldom

	expiries expiries
	catching sync.WaitGroup // the goroutines of catchers
	pages    pages

	stop            sync.Once   // for stopRest
	serving         atomic.Bool // a session has come
	closing         atomic.Bool
	draining        atomic.Pointer[drain] // nil until Drain
	received        atomic.Uint64
	published       atomic.Uint64
	operations      atomic.Uint64
	rateLimited     atomic.Uint64
	refusedSessions atomic.Uint64
	refusedSubs     atomic.Uint64
}

// New starts a server: one goroutine per core, and nothing else until a client
// connects; in a cluster also what its broker has. Mount its Handler; end it with
// Shutdown. New panics where Open returns an error: if an entry of Options.Origins is no
// origin, and if Options.Broker cannot be opened.
func New(o Options) *Server {
	s, err := Open(o)
	if err != nil {
		panic(err.Error())
	}
	return s
}

// Open is New for options that are not known to be right, such as a broker's address
// from a file.
func Open(o Options) (*Server, error) {
	origins, err := parseOrigins(o.Origins)
	if err != nil {
		return nil, err
	}
	o.Limits = o.Limits.withDefaults()
	s := &Server{opts: o, log: o.Logger, origins: origins}
	if s.log == nil {
		s.log = slog.Default()
	}
	s.unhurried = unhurriedFor(&s.opts.Limits, cmp.Or(max(o.ReadLimit, 0), engine.DefaultReadLimit))
	s.sessions.init()
	s.census.seed = maphash.MakeSeed()
	s.topics.init(s)
	s.cluster.init(s)
	if err := s.openBroker(); err != nil {
		return nil, fmt.Errorf("live: open the broker: %w", err)
	}
	s.presence = presence.New(presence.Options{
		Broker: s.broker, Grace: o.Timeouts.Presence, Announce: s.announce, Limit: s.rules.presenceLimit,
		Failed: func(topic string, err error) {
			s.untoldPresence.warn(s.log, "live: presence could not be told to the broker, and will be", "topic", topic, "error", err)
		},
	})
	s.start()
	s.cluster.start()
	return s, nil
}

// start starts the engine.
func (s *Server) start() {
	o := &s.opts
	e, err := engine.New(o.engine())
	if err != nil {
		s.log.Warn("live: running without the system's poller: sessions cost more memory", "error", err)
		eo := o.engine()
		eo.NetSockets = true
		e, _ = engine.New(eo) // needs no descriptor, and so cannot fail
	}
	s.engine = e
}

// Handler returns the handler of WebSocket connections. It needs an
// http.ResponseWriter that can be hijacked, directly or through the Unwrap method of
// http.ResponseController: HTTP/1.1, and middleware that does not hide it.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.upgrade) }

// Shutdown stops accepting sessions, closes those there are with code 1001 once
// what waits for them is written, and waits until every OnClose has returned. When
// ctx ends first, connections are cut as they are and ctx's error is returned; hooks
// may then still be running.
//
// http.Server.Shutdown knows nothing of WebSocket connections. Have it begin this
// one too, and wait for it after:
//
//	httpServer.RegisterOnShutdown(func() { server.Shutdown(ctx) })
//
// Shutdown waits for hooks: within one, start it in a goroutine.
func (s *Server) Shutdown(ctx context.Context) error {
	s.closing.Store(true)
	s.expiries.close()
	err := s.engine.Shutdown(ctx, ws.CloseGoingAway, "the server is shutting down")
	s.stop.Do(func() { err = errors.Join(err, s.stopRest(ctx)) })
	return err
}

// stopRest ends what works for sessions, which are gone.
func (s *Server) stopRest(ctx context.Context) error {
	done := make(chan struct{})
	go func() { // owner: this call; ends with the last catcher, which has seen its session end, and the last hook
		defer close(done)
		s.catching.Wait()
		s.topics.close()
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	var err error
	if s.local {
		err = s.presence.Close(ctx)
	} else {
		s.presence.Stop() // users have the lease's time to come back elsewhere
	}
	s.cluster.close(ctx)
	return errors.Join(err, s.broker.Close(ctx))
}

// Stats are a server's counts: of now, and since it began.
type Stats struct {
	Sessions      int // connected
	Topics        int // with at least one subscriber
	Subscriptions int // of all sessions together

	Opened       uint64 // sessions
	Published    uint64 // publications accepted
	Delivered    uint64 // messages handed to a session's socket or queue
	Writes       uint64 // system calls in which they were written
	BytesOut     uint64 // handed to the operating system
	MessagesIn   uint64 // messages received
	BytesIn      uint64 // received after the handshake
	ClosedSlow   uint64 // sessions closed with code 4008
	ClosedSilent uint64 // sessions closed after Timeouts.Idle

	Operations           uint64 // requests of clients
	Dropped              uint64 // publications dropped for slow sessions by DropOldest and KeepLatest
	Replayed             uint64 // subscriptions that were too slow and were sent from history
	RefusedSessions      uint64 // by Limits.Sessions and Limits.SessionsPerAddress
	RefusedSubscriptions uint64 // by Limits.Subscriptions
	RefusedMessages      uint64 // by Limits.MessagesPerSecond and Limits.BytesPerSecond

	// In a cluster.
	Received   uint64 // publications, and messages of other servers, that the broker delivered
	Untold     uint64 // what other servers could not be told: events of presence, mostly
	BrokerDown bool   // the broker cannot be reached at the moment
}

// Stats returns the server's counts. It looks at every topic: once a second is fine,
// once per message is not.
func (s *Server) Stats() Stats {
	e := s.engine.Stats()
	return Stats{
		Sessions: e.Connections, Topics: e.Topics, Subscriptions: e.Subscriptions,
		Opened: e.Opened, Published: s.published.Load(), Delivered: e.Delivered,
		Writes: e.Writes, BytesOut: e.BytesOut, MessagesIn: e.MessagesIn, BytesIn: e.BytesIn,
		ClosedSlow: e.TooSlow, ClosedSilent: e.Dead, Dropped: e.Dropped, Replayed: e.Replayed,
		Operations: s.operations.Load(), RefusedSessions: s.refusedSessions.Load(),
		RefusedSubscriptions: s.refusedSubs.Load(), RefusedMessages: s.rateLimited.Load(),
		Received: s.received.Load(), Untold: s.cluster.untold.Load(), BrokerDown: s.broker.Err() != nil,
	}
}
