package presence

import (
	"context"
	"hash/maphash"
	"sync/atomic"

	"github.com/livetopics/live/broker"
)

// stripes is how many locks the topics share.
const stripes = 64

// Tracker keeps who is on which topic. Its methods may be called by many goroutines
// at once.
type Tracker struct {
	// Set once.
	opts   Options
	broker broker.Broker
	seed   maphash.Seed
	ctx    context.Context // of the calls in the background
	cancel context.CancelFunc

	closed  atomic.Bool // read under a stripe's lock, so that Close can wait for who saw false
	agenda  agenda
	stripes [stripes]stripe
}

// New makes a Tracker. It starts nothing; Close it nevertheless.
func New(o Options) *Tracker {
	t := &Tracker{opts: o.withDefaults(), broker: o.Broker, seed: maphash.MakeSeed()}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	t.agenda.init(t.ring, t.opts.Grace, t.opts.CountEvery)
	for i := range t.stripes {
		t.stripes[i].init()
	}
	return t
}

func (t *Tracker) stripe(topic string) *stripe {
	return &t.stripes[maphash.String(t.seed, topic)%stripes]
}

// ring does what is due, on the agenda's goroutine.
func (t *Tracker) ring(owner any) {
	ctx, cancel := context.WithTimeout(t.ctx, callTimeout)
	defer cancel()
	switch it := owner.(type) {
	case *member:
		t.wake(ctx, it)
	case *roll:
		t.recount(ctx, it)
	}
}

// wake ends a member's grace, or tells the broker what it does not know yet.
func (t *Tracker) wake(ctx context.Context, m *member) {
	s := m.roll.stripe
	s.mu.Lock()
	if t.agenda.waiting(&m.entry) {
		s.mu.Unlock() // it came back and left again: another grace has begun
		return
	}
	m.grace = false
	err := t.settle(ctx, m, true)
	s.mu.Unlock()
	if err != nil {
		t.opts.Failed(m.roll.topic, err)
	}
}

// announce tells an event. The stripe is locked.
func (t *Tracker) announce(r *roll, ev Event) {
	if !t.closed.Load() {
		t.opts.Announce(r.topic, ev)
	}
}
