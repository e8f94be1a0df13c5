package live

import (
	"container/heap"
	"sync"
	"time"
)

// CloseExpired is the close code of a session whose credentials ran out.
const CloseExpired = 4001

// notScheduled is the place of a session that is not in the heap.
const notScheduled = -1

// expiries closes sessions whose time has come, with one timer for all of them.
type expiries struct {
	mu     sync.Mutex // guards the fields below, and the expiryEntry of every session
	heap   expiryHeap
	timer  *time.Timer // of the first in the heap; nil while there is none
	closed bool
}

// expiryEntry is a session's place among them.
type expiryEntry struct {
	due time.Time
	at  int // in the heap, or notScheduled
}

// set schedules a session, in place of what was before. The zero time takes it out.
func (e *expiries) set(s *Session, due time.Time) {
	x := s.more()
	e.mu.Lock()
	defer e.mu.Unlock()
	if x.expiry.at != notScheduled {
		heap.Remove(&e.heap, x.expiry.at)
	}
	x.expiry.due = due
	if !due.IsZero() && !e.closed && !s.conn.Ended() {
		heap.Push(&e.heap, s)
	}
	e.arm()
}

func (e *expiries) of(s *Session) time.Time {
	x := s.extra.Load()
	if x == nil {
		return time.Time{}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return x.expiry.due
}

// forget takes a session out that has ended.
func (e *expiries) forget(s *Session) {
	x := s.extra.Load()
	if x == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if x.expiry.at != notScheduled {
		heap.Remove(&e.heap, x.expiry.at)
		e.arm()
	}
}

// arm sets the timer for the first of the heap. e.mu is held.
func (e *expiries) arm() {
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
	if len(e.heap) > 0 && !e.closed {
		e.timer = time.AfterFunc(time.Until(e.heap[0].extra.Load().expiry.due), e.ring)
	}
}

// ring closes those whose time has come.
func (e *expiries) ring() {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	for len(e.heap) > 0 && !e.heap[0].extra.Load().expiry.due.After(now) {
		s := heap.Pop(&e.heap).(*Session)
		const reason = "the credentials have run out"
		s.conn.Close(CloseExpired, reason, &CloseError{Code: CloseExpired, Reason: reason})
	}
	e.arm()
}

func (e *expiries) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	e.arm()
}

// expiryHeap is for container/heap: the session that expires first is the first.
type expiryHeap []*Session

func (h expiryHeap) Len() int { return len(h) }

func (h expiryHeap) Less(i, j int) bool {
	return h[i].extra.Load().expiry.due.Before(h[j].extra.Load().expiry.due)
}

func (h expiryHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].extra.Load().expiry.at, h[j].extra.Load().expiry.at = i, j
}

// Push appends a *Session.
func (h *expiryHeap) Push(v any) {
	s := v.(*Session)
	s.extra.Load().expiry.at = len(*h)
	*h = append(*h, s)
}

// Pop takes the last one.
func (h *expiryHeap) Pop() any {
	old := *h
	s := old[len(old)-1]
	s.extra.Load().expiry.at = notScheduled
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return s
}
