package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/memory"
	"github.com/livetopics/live/broker/natsbroker"
	"github.com/livetopics/live/broker/natsembed"
	"github.com/livetopics/live/broker/redisbroker"
)

// brokerFlags say which broker, and where.
type brokerFlags struct {
	kind   string
	lease  time.Duration
	redis  string
	listen string
	public string
	peers  string
	dir    string
}

func (f *brokerFlags) register() {
	flag.StringVar(&f.kind, "broker", "memory", "memory, nats or redis")
	flag.DurationVar(&f.lease, "lease", 2*time.Second, "how long a node is believed to live")
	flag.StringVar(&f.redis, "redis", "", "URL of redis-server")
	flag.StringVar(&f.listen, "listen-cluster", "", "where other nodes connect")
	flag.StringVar(&f.public, "advertise", "", "where other nodes are told that this one is")
	flag.StringVar(&f.peers, "peers", "", "where the other nodes are, separated by commas")
	flag.StringVar(&f.dir, "dir", "", "where NATS keeps its data; in memory if empty")
}

// secret is shared by the nodes.
const secret = "the secret of the chaos test"

// open prepares the broker. stop ends what runs beside it.
func (f *brokerFlags) open(name string) (open broker.Open, stop func(context.Context) error, err error) {
	none := func(context.Context) error { return nil }
	switch f.kind {
	case "memory":
		return memory.New(memory.Options{}), none, nil
	case "redis":
		return redisbroker.New(redisbroker.Options{URL: f.redis, Lease: f.lease}), none, nil
	case "nats":
		server, err := natsembed.Start(natsembed.Options{
			Name: name, Listen: f.listen, Advertise: f.public, Peers: strings.Split(f.peers, ","),
			Dir: f.dir, Secret: secret, Logger: slog.Default(),
		})
		if err != nil {
			return nil, nil, fmt.Errorf("starting NATS: %w", err)
		}
		return server.Broker(natsbroker.Options{Lease: f.lease, Logger: slog.Default()}), server.Shutdown, nil
	}
	return nil, nil, fmt.Errorf("there is no broker %q", f.kind)
}
