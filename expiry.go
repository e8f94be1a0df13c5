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
	mu     sync.Mutex // guards the fields below, and every session's expiryEntry
	heap   expiryHeap
	timer  *time.Timer // of the first in the heap; nil while there is none
	closed bool
}

// expiryEntry is a session's place among them.
type expiryEntry struct {
	session *Session
	due     time.Time
	at      int // in the heap, or notScheduled
}

// set schedules a session, in place of what was before. The zero time takes it out.
func (e *expiries) set(s *Session, due time.Time) {
	x := s.more()
	e.mu.Lock()
	defer e.mu.Unlock()
	if x.expiry == nil {
		x.expiry = &expiryEntry{session: s, at: notScheduled}
	}
	e.remove(x.expiry)
	x.expiry.due = due
	if !due.IsZero() && !e.closed && !s.conn.Ended() {
		heap.Push(&e.heap, x.expiry)
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
	if x.expiry == nil {
		return time.Time{}
	}
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
	if x.expiry != nil {
		e.remove(x.expiry)
		e.arm()
	}
}

// remove takes an entry out of the heap, if it is there. e.mu is held.
func (e *expiries) remove(entry *expiryEntry) {
	if entry.at != notScheduled {
		heap.Remove(&e.heap, entry.at)
	}
}

// arm sets the timer for the first of the heap. e.mu is held.
func (e *expiries) arm() {
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
	if len(e.heap) > 0 && !e.closed {
		e.timer = time.AfterFunc(time.Until(e.heap[0].due), e.ring)
	}
}

// ring closes those whose time has come.
func (e *expiries) ring() {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	for len(e.heap) > 0 && !e.heap[0].due.After(now) {
		s := heap.Pop(&e.heap).(*expiryEntry).session
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

// expiryHeap is for container/heap: what expires first is the first.
type expiryHeap []*expiryEntry

func (h expiryHeap) Len() int { return len(h) }

func (h expiryHeap) Less(i, j int) bool { return h[i].due.Before(h[j].due) }

func (h expiryHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}

// Push appends an *expiryEntry.
func (h *expiryHeap) Push(v any) {
	entry := v.(*expiryEntry)
	entry.at = len(*h)
	*h = append(*h, entry)
}

// Pop takes the last one.
func (h *expiryHeap) Pop() any {
	old := *h
	entry := old[len(old)-1]
	entry.at = notScheduled
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return entry
}
