package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/livetopics/live/test/chaos/internal/cluster"
)

// options are what a run is asked for.
type options struct {
	broker   string
	nodes    int
	duration time.Duration
	rounds   int
	seed     uint64
	clients  int
	rate     int
	mayLose  bool
	rolling  bool
	away     bool
	race     bool
	keep     bool
	verbose  bool
}

// The times of a node, short so that a run sees them pass; a lease is renewed every three
// seconds.
const (
	lease  = 10 * time.Second
	window = 2 * time.Second
)

func parseOptions() (*options, error) {
	o := &options{nodes: 3}
	flag.StringVar(&o.broker, "broker", cluster.NATS, "nats, redis, or memory, which is one node that loses all")
	flag.DurationVar(&o.duration, "duration", 30*time.Second, "for how long things break, in each round")
	flag.IntVar(&o.rounds, "rounds", 1, "so many runs, each with a cluster and a seed of its own")
	flag.Uint64Var(&o.seed, "seed", 0, "what is broken, and when; 0 is another one each time; round N has seed+N")
	flag.IntVar(&o.clients, "clients", 300, "subscribers")
	flag.IntVar(&o.rate, "rate", 300, "publications a second, of all publishers")
	flag.BoolVar(&o.mayLose, "may-lose", false, "the broker keeps nothing over a restart: losses must be announced")
	flag.BoolVar(&o.rolling, "rolling", false, "restart the nodes one after the other; nothing else breaks")
	flag.BoolVar(&o.away, "away", false, "the broker is away once, for 10 s; nothing else breaks")
	flag.BoolVar(&o.race, "race", false, "build the nodes with the race detector")
	flag.BoolVar(&o.keep, "keep", false, "keep logs and data of a good run too")
	flag.BoolVar(&o.verbose, "v", false, "tell more of each client")
	flag.Parse()
	if o.seed == 0 {
		o.seed = uint64(rand.Uint32N(1_000_000)) + 1
	}
	switch o.broker {
	case cluster.NATS, cluster.InRedis:
	case cluster.Memory:
		o.nodes, o.mayLose = 1, true
	default:
		return nil, fmt.Errorf("there is no broker %q", o.broker)
	}
	if o.rolling && o.away || o.clients < 1 || o.rate < 1 || o.rounds < 1 || flag.NArg() > 0 {
		return nil, errors.New("these flags make no sense together; see -help")
	}
	return o, nil
}

// mode names what is done.
func (o *options) mode() string {
	switch {
	case o.rolling:
		return "rolling restart"
	case o.away:
		return "broker away"
	}
	return "chaos"
}

// exact reports whether not even topics that keep little may lose anything.
func (o *options) exact() bool { return o.rolling }
