package natsbroker

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go"

	"github.com/livetopics/live/broker"
)

// Broker spreads and keeps publications by NATS. New opens one.
type Broker struct {
	// Set once.
	opts     Options
	subjects subjects
	deliver  broker.Deliver
	conn     *nats.Conn
	line     chan *nats.Msg // all that is followed comes by it
	seed     maphash.Seed
	opened   chan struct{}   // closed when conn is set
	ctx      context.Context // ends with Close
	cancel   context.CancelFunc
	dropping atomic.Pointer[func(subject string) bool] // tests lose publications by it

	link      link
	calls     calls
	follows   follows
	barrier   barrier
	maintain  maintain
	once      once
	presence  presence
	streams   sync.Map    // *stream by token
	named     sync.Map    // the same by the name of the history
	jetstream atomic.Bool // it has answered
	ids       atomic.Uint64
	counters  counters

	flushes       flushes
	window        window
	confirmations confirmations
	fills         fills
	surveys       surveys
	seen          seen   // receive's alone
	passed        passed // likewise

	closed  atomic.Bool
	run     sync.WaitGroup
	starts  sync.Mutex    // guards stopped, and is held while run gets a goroutine
	stopped bool          // no goroutine starts any more
	ended   chan struct{} // closed when all goroutines have ended
}

var _ broker.Broker = (*Broker)(nil)

// New returns what opens a broker with these options: a *Broker. Where no server can be
// reached, which may take some seconds to find out, it opens all the same and goes on
// trying, in the background and for ever. It fails for options that cannot be, and
// where the first server that is reached refuses the credentials.
func New(o Options) broker.Open {
	return func(d broker.Deliver) (broker.Broker, error) {
		b, err := open(o, d)
		if err != nil {
			return nil, err
		}
		return b, nil
	}
}

func open(o Options, d broker.Deliver) (*Broker, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	b := &Broker{
		opts: o, subjects: newSubjects(o.Prefix), deliver: d, seed: maphash.MakeSeed(),
		line: make(chan *nats.Msg, o.Buffer), ended: make(chan struct{}),
		opened: make(chan struct{}),
	}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.ids.Store(rand.Uint64())
	b.link.init(o.Logger)
	b.follows.init()
	b.barrier.init(b)
	b.flushes.urgent = make(chan struct{}, 1)
	b.window.init()
	b.maintain.init(b)
	b.once.b, b.once.making = b, make(chan struct{}, 1)
	b.once.trouble.log, b.once.trouble.name = o.Logger, b.once.name()
	b.presence.init(b)
	if err := b.connect(); err != nil {
		b.cancel()
		return nil, err
	}
	b.run.Go(b.confirmSent)   // owner: the broker; ends when Close cancels ctx
	b.run.Go(b.receive)       // owner: the broker; ends when Close cancels ctx
	b.run.Go(b.maintain.work) // owner: the broker; ends when Close cancels ctx
	return b, nil
}

// enter returns the error of a call that must not go on, after it has waited for a
// connection for a moment.
func (b *Broker) enter(ctx context.Context) error {
	if b.closed.Load() {
		return broker.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.outcome(b.link.wait(ctx))
}

// outcome is a call's error as its caller gets it.
func (b *Broker) outcome(err error) error {
	if err != nil && b.closed.Load() {
		return broker.ErrClosed
	}
	return err
}

// Err returns why there is no connection to NATS, or nil.
func (b *Broker) Err() error { return b.link.why() }

// Prepare makes the stream of a history, or has it made later if JetStream does not
// answer. Without JetStream it returns ErrUnsupported.
func (b *Broker) Prepare(ctx context.Context, h broker.History) error {
	err := b.enter(ctx)
	if err == nil && h.On() {
		_, err = b.stream(h).ready(ctx)
		err = b.outcome(err)
	}
	if errors.Is(err, broker.ErrUnavailable) {
		b.opts.Logger.Warn("natsbroker: a history is made later", "name", h.Name, "error", err)
		return nil
	}
	return err
}

// Close sends what is on its way, ends the connection and waits for the broker's
// goroutines.
func (b *Broker) Close(ctx context.Context) error {
	if !b.closed.Swap(true) {
		go b.shut(ctx) // owner: the broker; ends when all its goroutines have
	}
	select {
	case <-b.ended:
		return nil
	default:
	}
	select {
	case <-b.ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("natsbroker: waiting for goroutines to end: %w", ctx.Err())
	}
}

// start runs f in a goroutine that Close waits for. It reports false if it is too late.
func (b *Broker) start(f func()) bool {
	b.starts.Lock()
	defer b.starts.Unlock()
	if b.stopped {
		return false
	}
	b.run.Go(f) // owner: the broker, whose Close waits; each caller says when it ends
	return true
}

func (b *Broker) shut(ctx context.Context) {
	defer close(b.ended)
	if b.Err() == nil {
		flush, cancel := context.WithTimeout(ctx, patience)
		_ = b.conn.FlushWithContext(flush) // what is not sent by then is not
		cancel()
	}
	b.cancel()
	b.conn.Close()
	b.calls.close()
	b.starts.Lock()
	b.stopped = true
	b.starts.Unlock()
	b.run.Wait()
}
