package memory

import (
	"sync/atomic"
	"time"
)

// sweeper wakes when something expires.
type sweeper struct {
	wake atomic.Int64  // when it wakes by itself
	bell chan struct{} // wakes it before
	stop chan struct{} // closed by Close
	done chan struct{} // closed when it has ended
}

func (s *sweeper) init() {
	s.bell = make(chan struct{}, 1)
	s.stop = make(chan struct{})
	s.done = make(chan struct{})
	s.wake.Store(never)
}

// by has the sweeper awake at that time. It is called after what is due then is
// on an agenda, and its lock released or not.
func (s *sweeper) by(due int64) {
	if due < s.wake.Load() {
		select {
		case s.bell <- struct{}{}:
		default:
		}
	}
}

// sweep is the sweeper's goroutine.
func (b *Broker) sweep() {
	defer close(b.sweeper.done)
	for {
		// What is put on an agenda from here on rings, so that none is missed that
		// comes after its stripe was looked at.
		b.sweeper.wake.Store(never)
		due := b.sweepAll()
		b.sweeper.wake.Store(due)
		if !b.sweeper.rest(due) {
			return
		}
	}
}

// rest waits for the time, the bell or the end, and reports whether to go on.
func (s *sweeper) rest(due int64) bool {
	var alarm <-chan time.Time
	if due != never {
		timer := time.NewTimer(time.Until(time.UnixMilli(due)))
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case <-alarm:
	case <-s.bell:
	case <-s.stop:
		return false
	}
	return true
}

// sweepAll does what is due in all stripes, and returns when there is more.
func (b *Broker) sweepAll() (due int64) {
	due = never
	for i := range b.stripes {
		due = min(due, b.sweepStripe(&b.stripes[i]))
	}
	return due
}

func (b *Broker) sweepStripe(s *stripe) (due int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.closed.Load() {
		return never
	}
	now := clock()
	for s.agenda.due() <= now {
		t := s.agenda[0]
		s.agenda.remove(t)
		b.review(s, t, now)
	}
	s.dedups.age(now, b.limits.dedup)
	return s.due()
}
