package redisbroker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/redis/rueidis"

	"github.com/livetopics/live/broker"
)

var errConnecting = errors.New("not connected yet")

// Broker is a node's part in a cluster on Redis. New opens one.
//
// Its locks are taken in this order: a stripe's, the wildcards', the resync's or a link's.
type Broker struct {
	// Set once.
	o       Options
	client  rueidis.ClientOption
	names   names
	deliver broker.Deliver
	base    string // what the epochs that it makes begin with
	ctx     context.Context
	cancel  context.CancelFunc

	closed   atomic.Bool
	era      atomic.Uint32 // counts the ends and beginnings of connections for what is followed
	shut     sync.Once
	done     chan struct{} // closed when all goroutines have ended
	run      sync.WaitGroup
	bell     chan struct{} // has watch look at once
	curious  chan struct{} // has inquire ask
	health   health
	table    table
	wild     wildcards
	hub      hub
	resync   resync
	members  registry
	sweeper  sweeper
	interest interest
	twice    twice
	sent     atomic.Uint64 // publications that went two ways
	counts   counts
}

var _ broker.Broker = (*Broker)(nil)

// New returns what opens a broker with these options. The broker that it opens is a
// *Broker and connects in the background: an unreachable server is logged and tried
// again, and no error. It fails for options that make no sense, such as a URL that is
// none.
func New(o Options) broker.Open {
	return func(d broker.Deliver) (broker.Broker, error) {
		o, err := o.withDefaults()
		if err != nil {
			return nil, fmt.Errorf("redisbroker: %w", err)
		}
		client, err := o.clientOptions()
		if err != nil {
			return nil, err
		}
		if o.Lease < 2*broker.TendEvery {
			o.Logger.Warn("redisbroker: Options.Lease is so short that a node which is a little late is taken for dead", "lease", o.Lease, "least", 2*broker.TendEvery)
		}
		b := &Broker{
			o: o, client: client, names: newNames(o.Prefix, client.SelectDB), deliver: d,
			base: rand.Text()[:8], done: make(chan struct{}), bell: make(chan struct{}, 1), curious: make(chan struct{}, 1),
		}
		b.ctx, b.cancel = context.WithCancel(context.Background())
		b.health.init(o.Logger)
		b.table.init()
		b.hub.init(b)
		b.resync.init(b)
		b.members.init()
		b.run.Go(b.watch)      // owner: the broker; ends with its context
		b.run.Go(b.resync.run) // owner: the broker; ends with its context
		b.run.Go(b.hub.run)    // owner: the broker; ends with its context
		b.run.Go(b.inquire)    // owner: the broker; ends with its context
		return b, nil
	}
}

// Prepare does nothing: a topic's keys are made when it is first used. Errors: ErrClosed,
// or that of a context which has ended already.
func (b *Broker) Prepare(ctx context.Context, _ broker.History) error { return b.check(ctx) }

// Err returns why the server does not answer at this moment, or why what is published
// cannot be heard; of a cluster, of one of its servers.
func (b *Broker) Err() error { return b.health.why() }

// Close ends all connections, and waits for the broker's goroutines until ctx ends. What
// this node has registered for presence stays until it has left or its lease has ended.
func (b *Broker) Close(ctx context.Context) error {
	b.closed.Store(true)
	b.shut.Do(func() {
		close(b.health.closed)
		b.cancel()
		go b.finish() // owner: the broker; ends when its other goroutines have
	})
	select {
	case <-b.done:
		return nil
	default:
	}
	select {
	case <-b.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// finish waits for the goroutines, and ends the connections.
func (b *Broker) finish() {
	b.run.Wait()
	if c := b.health.end(); c != nil {
		c.Close()
	}
	close(b.done)
}
