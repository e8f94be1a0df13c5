package live

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/livetopics/live/broker"
)

// The server's own topics, by which the servers of a cluster talk. No client can name
// them.
const (
	nodesTopic   = "$nodes"   // whose members are the servers
	controlTopic = "$control" // requests to all of them
	nodePrefix   = "$node:"   // and a server's ID: answers to it
)

// cluster is what a server has to do with others: it is one of them, tells them what
// they have to know, and is asked by them. With the broker in memory there are none, and
// nothing of it runs.
type cluster struct {
	// Set once.
	server *Server
	id     string          // of this server among all there ever were
	name   string          // for people
	lanes  lanes           // what is told to others, and done for them
	ctx    context.Context // ends when close begins
	cancel context.CancelFunc
	work   context.Context // of what is told; ends with the context of close
	abort  context.CancelFunc
	done   sync.WaitGroup // the goroutine of run

	joined atomic.Bool // others know of this server
	down   atomic.Bool // the broker did not answer when last asked
	untold atomic.Uint64
	seldom seldom

	mu    sync.Mutex // guards the fields below
	last  uint64     // the last request's number
	polls map[uint64]chan answer
}

func (c *cluster) init(s *Server) {
	c.server, c.id, c.name = s, rand.Text(), s.opts.Node
	if c.name == "" {
		host, _ := os.Hostname() // a server without one is known by its ID
		c.name = cmp.Or(host, c.id)
	}
	c.lanes.init()
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.work, c.abort = context.WithCancel(context.Background())
	c.polls = make(map[uint64]chan answer)
}

// start makes the server one of the cluster.
func (c *cluster) start() {
	if !c.server.local {
		c.done.Go(c.run) // owner: the server, whose Shutdown waits for it; ends with ctx
	}
}

// run tends the broker, and the server's place in the cluster.
func (c *cluster) run() {
	ticker := time.NewTicker(broker.TendEvery)
	defer ticker.Stop()
	for {
		c.tend()
		select {
		case <-ticker.C:
		case <-c.ctx.Done():
			return
		}
	}
}

// tend does once what run does.
func (c *cluster) tend() {
	ctx, cancel := context.WithTimeout(c.ctx, broker.TendEvery)
	defer cancel()
	err := c.join(ctx)
	if err == nil {
		err = c.server.presence.Tend(ctx)
	}
	if c.ctx.Err() != nil {
		return
	}
	log := c.server.log
	switch was := c.down.Swap(err != nil); {
	case err != nil && !was:
		log.Warn("live: the broker does not answer: sessions stay, what they publish is refused as unavailable until it does", "error", err)
	case err == nil && was:
		log.Info("live: the broker answers again", "untold", c.untold.Load())
		c.server.recount()
	}
}

// join has others know of this server.
func (c *cluster) join(ctx context.Context) error {
	if c.joined.Load() {
		return nil
	}
	b := c.server.broker
	for _, topic := range []string{controlTopic, nodePrefix + c.id} {
		if err := b.Follow(ctx, topic, History{}); err != nil {
			return err
		}
	}
	info, err := json.Marshal(nodeInfo{Name: c.name})
	if err == nil {
		_, err = b.Join(ctx, nodesTopic, broker.Member{User: c.id, Info: info, Sessions: 1})
	}
	c.joined.Store(err == nil)
	return err
}

// nodeInfo is what servers say of themselves.
type nodeInfo struct {
	Name string `json:"name"`
}

// close ends what is told, and the server's place among the others.
func (c *cluster) close(ctx context.Context) {
	if c.server.local {
		return
	}
	defer c.abort()
	defer context.AfterFunc(ctx, c.abort)()
	c.cancel()
	c.done.Wait()
	c.lanes.close()
	if !c.joined.Load() {
		return
	}
	if _, err := c.server.broker.Leave(ctx, nodesTopic, c.id); err != nil {
		c.server.log.Info("live: others were not told that this server ends; its lease will say so", "error", err)
	}
}

// tell publishes on one of the server's own topics, in the background. What cannot be
// told is counted.
func (c *cluster) tell(topic string, data []byte) {
	ok := c.lanes.add(topic, func() {
		ctx, cancel := c.server.brokerContext(c.work)
		defer cancel()
		if _, err := c.server.broker.Publish(ctx, &broker.Message{Topic: topic, Data: data, Origin: c.id}); err != nil {
			c.fell(topic, err)
		}
	})
	if !ok {
		c.fell(topic, errors.New("too much is to be told"))
	}
}

func (c *cluster) fell(topic string, err error) {
	c.untold.Add(1)
	if !c.down.Load() { // that is said already
		c.seldom.warn(c.server.log, "live: failed to tell other servers", "topic", topic, "error", err)
	}
}

// received is given what comes on the server's own topics but presence. It does not
// block.
func (c *cluster) received(topic string, data []byte) {
	switch {
	case topic == controlTopic:
		c.asked(data)
	case strings.HasPrefix(topic, nodePrefix):
		c.answered(data)
	}
}
