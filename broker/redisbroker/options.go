package redisbroker

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/rueidis"

	"github.com/livetopics/live/broker"
)

// Options says where the servers are, and sets limits. Zero is the default.
type Options struct {
	// URL is where the server is: redis://user:password@host:port/database, or
	// rediss:// for TLS. Several, or several hosts in one, with commas between, are
	// nodes of one Redis Cluster; so is one that says it is part of a cluster. With
	// ?master_set=NAME the hosts are Sentinels. "" is redis://127.0.0.1:6379.
	URL string

	// Prefix begins the names of all keys and channels, "live" by default. Those of
	// another prefix do not see each other.
	Prefix string

	// Lease is how long a node is believed to live that does not call Tend,
	// broker.Lease by default. Under twice broker.TendEvery, which is for tests, a node
	// that is a little late is taken for dead: its members leave and join again. New logs
	// a warning then.
	Lease time.Duration

	// MaxBytes is how large the data of a publication may be, 64 MiB by default. The
	// server's proto-max-bulk-len (512 MiB by default) must be larger.
	MaxBytes int

	// CheckEvery is how often each followed topic with history is compared with what
	// is stored, a minute by default and five at most: it finds what was lost on the way
	// without a broken connection, and keeps the topics from expiring.
	CheckEvery time.Duration

	// Client changes the options of the connections, after all else has been set.
	Client func(*rueidis.ClientOption)

	// Logger gets what the broker has to say, slog.Default() by default.
	Logger *slog.Logger
}

// The defaults of Options.
const (
	DefaultPrefix     = "live"
	DefaultMaxBytes   = 64 << 20
	DefaultCheckEvery = time.Minute
)

const mostCheckEvery = 5 * time.Minute // half of what topics outlive their age

// withDefaults fills in the defaults, and refuses what makes no sense.
func (o Options) withDefaults() (Options, error) {
	if o.Prefix == "" {
		o.Prefix = DefaultPrefix
	}
	if tagged(o.Prefix) {
		return o, fmt.Errorf("prefix %q has a brace, which decides where a cluster keeps a key", o.Prefix)
	}
	if o.Lease <= 0 {
		o.Lease = broker.Lease
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.CheckEvery <= 0 {
		o.CheckEvery = DefaultCheckEvery
	}
	o.CheckEvery = min(o.CheckEvery, mostCheckEvery)
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o, nil
}
