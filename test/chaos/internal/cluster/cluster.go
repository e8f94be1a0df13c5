package cluster

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/livetopics/live/test/chaos/internal/link"
)

// The brokers that a cluster can have.
const (
	NATS    = "nats"   // one in each node, and they form a cluster
	InRedis = "redis"  // one redis-server
	Memory  = "memory" // each node is alone: one node
)

// Options of a cluster.
type Options struct {
	Broker  string        // NATS, InRedis or Memory
	Nodes   int           // how many
	Dir     string        // for data and logs
	Program string        // the node's
	MayLose bool          // the broker keeps nothing over a restart
	Lease   time.Duration // how long a node is believed to live
	Crashed func(string)  // is told of processes that end by themselves
	Window  time.Duration // over which a node that is told to end sends its clients away
}

// Cluster is nodes and what they need.
type Cluster struct {
	Nodes []*Node // in the order of their names
	Redis *Redis  // nil where it is not the broker

	routes *routes // nil where NATS is not the broker
}

// New makes a cluster, which Start starts.
func New(o Options) (*Cluster, error) {
	c := &Cluster{}
	var err error
	if o.Broker == InRedis {
		if c.Redis, err = newRedis(&o); err != nil {
			return nil, err
		}
	}
	if o.Broker == NATS {
		if c.routes, err = newRoutes(o.Nodes); err != nil {
			return nil, err
		}
	}
	for i := range o.Nodes {
		n, err := c.newNode(&o, i)
		if err != nil {
			c.Close()
			return nil, err
		}
		c.Nodes = append(c.Nodes, n)
	}
	return c, nil
}

// newNode makes node i.
func (c *Cluster) newNode(o *Options, i int) (*Node, error) {
	n := &Node{}
	name := fmt.Sprintf("n%d", i+1)
	args := []string{
		"-name", name, "-broker", o.Broker, "-window", o.Window.String(), "-lease", o.Lease.String(),
	}
	var err error
	if n.Clients, err = link.Listen("127.0.0.1:0"); err != nil {
		return nil, err
	}
	switch o.Broker {
	case InRedis:
		l, err := linkTo(c.Redis.Addr)
		if err != nil {
			return nil, err
		}
		n.Broker = []*link.Link{l}
		args = append(args, "-redis", "redis://"+l.Addr())
	case NATS:
		n.Broker = c.routes.of(i)
		dir := filepath.Join(o.Dir, name)
		if o.MayLose {
			dir = ""
		}
		args = append(args, "-listen-cluster", c.routes.at[i], "-advertise", c.routes.nowhere[i].Addr(),
			"-peers", c.routes.peers(i), "-dir", dir)
	}
	n.Process, err = newProcess(name, o.Program, args, o, "ready ")
	return n, err
}

func linkTo(address string) (*link.Link, error) {
	l, err := link.Listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l.To(address)
	return l, nil
}

// Start starts all, and returns when all take clients.
func (c *Cluster) Start(ctx context.Context) error {
	if c.Redis != nil {
		if err := c.Redis.Start(ctx); err != nil {
			return err
		}
	}
	if err := c.StartNodes(ctx, c.Nodes...); err != nil {
		return err
	}
	return c.Ready(ctx)
}

// StartNodes starts nodes at once, and returns when all of them listen.
func (c *Cluster) StartNodes(ctx context.Context, nodes ...*Node) error {
	errs := make([]error, len(nodes))
	var starting sync.WaitGroup
	for i, n := range nodes {
		starting.Go(func() { errs[i] = n.Start(ctx) })
	}
	starting.Wait()
	return cmp.Or(errs...)
}

// Ready waits until all nodes are healthy.
func (c *Cluster) Ready(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		var err error
		for _, n := range c.Nodes {
			err = cmp.Or(err, n.Healthy())
		}
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("cluster: waiting for healthy nodes: %w: %w", ctx.Err(), err)
		}
	}
}

// Close kills all that runs, and closes the links.
func (c *Cluster) Close() {
	for _, n := range c.Nodes {
		n.Continue()
		n.Process.Kill()
		n.Clients.Close()
		if c.routes == nil {
			for _, l := range n.Broker {
				l.Close()
			}
		}
		n.log.Close()
	}
	if c.routes != nil {
		c.routes.close()
	}
	if c.Redis != nil {
		c.Redis.Continue()
		c.Redis.Kill()
		c.Redis.log.Close()
	}
}
