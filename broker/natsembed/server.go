package natsembed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/natsbroker"
)

// startWait is how long Start waits for the server to take connections, looking each
// startStep. It does not wait for other nodes.
const (
	startWait = 10 * time.Second
	startStep = 100 * time.Millisecond
	giveUp    = 5 * time.Second // for a server that did not start and does not end either
)

// Server is one node. Start starts it.
type Server struct {
	opts      Options
	server    *server.Server
	temporary string // a directory to remove in the end; or ""
}

// Start starts a node, and returns when brokers can connect to it, which is within
// some milliseconds: it does not wait for other nodes. It fails for options that
// cannot work, for a directory it cannot write to, and for an address in use.
func Start(o Options) (*Server, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	name, err := nodeName(o)
	if err != nil {
		return nil, err
	}
	s := &Server{opts: o}
	dir := o.Dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "live-nats-"); err != nil {
			return nil, fmt.Errorf("natsembed: failed to make a temporary directory: %w", err)
		}
		s.temporary = dir
	}
	if err := s.run(name, dir); err != nil {
		return nil, errors.Join(err, s.tidy())
	}
	return s, nil
}

// run starts the server.
func (s *Server) run(name, dir string) error {
	c, err := config(s.opts, name, dir)
	if err != nil {
		return err
	}
	if s.server, err = server.NewServer(c); err != nil {
		return fmt.Errorf("natsembed: failed to set up the server: %w", err)
	}
	log := &logger{log: s.opts.Logger}
	s.server.SetLoggerV2(log, false, false, false)
	s.server.Start()
	for begun := time.Now(); ; {
		switch {
		case log.fatal.Load() != nil:
			err = errors.New(*log.fatal.Load())
		case s.server.ReadyForConnections(startStep) && s.server.JetStreamEnabled():
			return nil
		case time.Since(begun) < startWait:
			continue
		default:
			err = errors.New("it takes no connections; is the address in use?")
		}
		select {
		case <-s.end():
		case <-time.After(giveUp):
			err = errors.Join(err, errors.New("and it does not end either: end the process"))
		}
		return fmt.Errorf("natsembed: the server did not start: %w", err)
	}
}

// Addr is the address for the other nodes, or "" of a single node.
func (s *Server) Addr() string {
	if a := s.server.ClusterAddr(); a != nil {
		return a.String()
	}
	return ""
}

// ClientURL is where clients of NATS connect, or "" without Options.Client.
func (s *Server) ClientURL() string {
	if s.opts.Client == "" {
		return ""
	}
	return s.server.ClientURL()
}

// Name tells this node from others of the cluster.
func (s *Server) Name() string { return s.server.Name() }

// Replicas is on how many nodes histories and presence are kept.
func (s *Server) Replicas() int { return replicas(s.opts) }

// Broker returns what opens a broker that is connected to this node, inside the
// process. Where o says nothing else, its replicas are this node's, its storage is in
// memory if the node has no Dir, and its logger is the node's. Several may be opened.
func (s *Server) Broker(o natsbroker.Options) broker.Open {
	o.NATS = append(o.NATS[:len(o.NATS):len(o.NATS)], nats.InProcessServer(s.server))
	if o.Replicas == 0 {
		o.Replicas = s.Replicas()
	}
	if s.temporary != "" && o.Storage == natsbroker.Default {
		o.Storage = natsbroker.Memory
	}
	if o.Logger == nil {
		o.Logger = s.opts.Logger
	}
	return natsbroker.New(o)
}

// Ready waits until histories can be made: until a majority of the nodes is up. Its
// error is the context's.
func (s *Server) Ready(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !s.ready() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("natsembed: waiting for a majority of the nodes: %w", ctx.Err())
		}
	}
	return nil
}

func (s *Server) ready() bool {
	if !s.server.JetStreamEnabled() {
		return false
	}
	return s.opts.Listen == "" || s.server.JetStreamIsClustered() && s.server.JetStreamIsCurrent()
}

// Shutdown hands over what this node leads, ends it and waits for it, until the
// context ends. That nobody takes over what it led is no error: a majority of the others
// elects a leader when it is gone. Close the brokers before. A second Shutdown only waits.
func (s *Server) Shutdown(ctx context.Context) error {
	select {
	case <-s.end():
		return s.tidy()
	case <-ctx.Done():
		return fmt.Errorf("natsembed: waiting for the server to end: %w", ctx.Err())
	}
}

// end begins to end the server, and returns what is closed when it has ended.
func (s *Server) end() <-chan struct{} {
	done := make(chan struct{})
	go func() { // owner: who asked, and the server if that does not wait for it; ends when the server has ended
		defer close(done)
		s.server.Shutdown()
		s.server.WaitForShutdown()
	}()
	return done
}

// tidy removes the temporary directory.
func (s *Server) tidy() error {
	if s.temporary == "" {
		return nil
	}
	if err := os.RemoveAll(s.temporary); err != nil {
		return fmt.Errorf("natsembed: failed to remove the temporary directory: %w", err)
	}
	return nil
}
