package natsbroker

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/livetopics/live/broker"
)

// Storage is where the servers keep histories and presence.
type Storage uint8

// The kinds of Storage.
const (
	Default Storage = iota // File
	File                   // on disk: survives the restart of all servers
	Memory                 // gone when all servers that keep it were down at once
)

// Options says which NATS to use, and how. The zero Options is a server on this
// machine.
type Options struct {
	// URL is where the servers are, one or several separated by commas:
	// "nats://127.0.0.1:4222" by default.
	URL string

	// Prefix begins the names of all subjects and streams, "live" by default, so that
	// several applications can share a NATS: letters, digits, - and _, 32 at most.
	Prefix string

	// NATS are more options of the connection: credentials, TLS, a server inside the
	// process. Those that say how it reconnects, and its handlers, are the broker's.
	NATS []nats.Option

	// Replicas is on how many servers histories and presence are kept: 1 by default;
	// take 3 on a cluster. It holds for what is made anew.
	Replicas int

	// Storage is File by default. It holds for what is made anew.
	Storage Storage

	// Lease is how long a node is believed to live that is not tended, broker.Lease by
	// default, a tenth of a second at least. All nodes should have the same. It takes at
	// least three calls of Tend on another node, so that less than three times
	// broker.TendEvery is of no use unless Tend is called more often.
	Lease time.Duration

	// CheckEvery is how often the broker looks for publications that it never got and
	// that nothing newer has shown to be missing, half a minute by default.
	CheckEvery time.Duration

	// Buffer is how many publications may wait to be delivered, 65536 by default. If
	// there are more, those of topics without history are lost, and the others are
	// read from the history.
	Buffer int

	// Logger is told when the servers are lost and found, and of what is wrong with
	// them. nil logs nothing.
	Logger *slog.Logger
}

// shortestLease is in which a node that is well can be tended a few times.
const shortestLease = 100 * time.Millisecond

var prefixes = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

// withDefaults fills in what is not set, and refuses what cannot be.
func (o Options) withDefaults() (Options, error) {
	if o.URL == "" {
		o.URL = nats.DefaultURL
	}
	if o.Prefix == "" {
		o.Prefix = "live"
	}
	if !prefixes.MatchString(o.Prefix) {
		return o, fmt.Errorf("natsbroker: Prefix is %q, and must be 1 to 32 letters, digits, - and _", o.Prefix)
	}
	if o.Replicas == 0 {
		o.Replicas = 1
	}
	if o.Replicas < 0 || o.Replicas > 5 {
		return o, fmt.Errorf("natsbroker: Replicas is %d, and can be 1 to 5", o.Replicas)
	}
	if o.Lease < 0 || o.CheckEvery < 0 || o.Buffer < 0 {
		return o, errors.New("natsbroker: Lease, CheckEvery and Buffer cannot be negative")
	}
	if o.Lease == 0 {
		o.Lease = broker.Lease
	}
	if o.Lease < shortestLease {
		return o, fmt.Errorf("natsbroker: Lease is %v, and must be %v at least", o.Lease, shortestLease)
	}
	if o.CheckEvery == 0 {
		o.CheckEvery = 30 * time.Second
	}
	if o.Buffer == 0 {
		o.Buffer = 1 << 16
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

// storage is what JetStream calls it.
func (o Options) storage() string {
	if o.Storage == Memory {
		return "memory"
	}
	return "file"
}
