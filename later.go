package live

import (
	"sync"
	"time"
)

// later calls functions a fixed time after they were given, in order, with one timer
// that runs only while there are any.
type later struct {
	delay time.Duration // set once

	mu     sync.Mutex // guards the fields below
	list   []delayed
	timer  *time.Timer // nil while list is empty
	closed bool
	busy   sync.WaitGroup // a ring that is under way
}

type delayed struct {
	due time.Time
	do  func()
}

// add has do called after the delay, by a goroutine of the timer's; at once and by the
// caller if there is no delay. After close it is not called.
func (l *later) add(do func()) {
	if l.delay <= 0 {
		do()
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.list = append(l.list, delayed{time.Now().Add(l.delay), do})
	if l.timer == nil {
		l.arm()
	}
}

// arm starts the timer for the first of the list, which is not empty. l.mu is held.
func (l *later) arm() {
	l.busy.Add(1)
	l.timer = time.AfterFunc(time.Until(l.list[0].due), l.ring)
}

func (l *later) ring() {
	defer l.busy.Done()
	l.mu.Lock()
	now := time.Now()
	n := 0
	for n < len(l.list) && !l.list[n].due.After(now) {
		n++
	}
	due := l.list[:n:n]
	l.list = append([]delayed(nil), l.list[n:]...)
	if l.timer = nil; len(l.list) > 0 && !l.closed {
		l.arm()
	}
	l.mu.Unlock()
	for _, d := range due {
		d.do()
	}
}

// close drops what is pending, and waits for what is being called.
func (l *later) close() {
	l.mu.Lock()
	l.closed = true
	if l.timer != nil && l.timer.Stop() {
		l.busy.Done()
	}
	l.list = nil
	l.mu.Unlock()
	l.busy.Wait()
}
