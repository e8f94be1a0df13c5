package memory

import (
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/livetopics/live/broker"
)

// stripes is how many locks the topics share.
const stripes = 256

// Broker keeps all in the memory of this process. New opens one.
//
// Its locks are taken in this order: evicting, then one stripe's at a time.
type Broker struct {
	// Set once.
	limits  limits
	deliver broker.Deliver
	seed    maphash.Seed

	closed atomic.Bool
	bytes  atomic.Int64          // of all segments
	epoch  atomic.Pointer[epoch] // which topics made now get

	stripes  [stripes]stripe
	evicting sync.Mutex // held while old publications are evicted
	sweeper  sweeper
}

var _ broker.Broker = (*Broker)(nil)

// New returns what opens a broker with these options. The broker that it opens is
// a *Broker and has one goroutine, which rests while nothing can expire and ends
// with Close. It never fails.
func New(o Options) broker.Open {
	return func(d broker.Deliver) (broker.Broker, error) {
		b := &Broker{limits: o.limits(), deliver: d, seed: maphash.MakeSeed()}
		b.epoch.Store(newEpoch())
		b.sweeper.init()
		go b.sweep() // owner: the broker; ends when Close closes sweeper.stop
		return b, nil
	}
}

// Close forgets all and waits for the broker's goroutine, until ctx ends. What is
// published meanwhile is either delivered or gets ErrClosed.
func (b *Broker) Close(ctx context.Context) error {
	if !b.closed.Swap(true) {
		close(b.sweeper.stop)
		for i := range b.stripes {
			s := &b.stripes[i]
			s.mu.Lock()
			s.forgetAll()
			s.mu.Unlock()
		}
		b.bytes.Store(0)
	}
	select {
	case <-b.sweeper.done:
		return nil
	default:
	}
	select {
	case <-b.sweeper.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// check returns the error of a call that must not go on.
func (b *Broker) check(ctx context.Context) error {
	if b.closed.Load() {
		return broker.ErrClosed
	}
	return ctx.Err()
}

// lock locks the stripe of the topic, unless the broker is closed.
func (b *Broker) lock(topic string) (*stripe, error) {
	s := &b.stripes[maphash.String(b.seed, topic)%stripes]
	s.mu.Lock()
	if b.closed.Load() {
		s.mu.Unlock()
		return nil, broker.ErrClosed
	}
	return s, nil
}

// clock is the time in Unix milliseconds.
func clock() int64 { return time.Now().UnixMilli() }
