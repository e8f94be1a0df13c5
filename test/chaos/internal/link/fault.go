package link

import (
	"math/rand/v2"
	"time"
)

// Share picks connections: each one with its probability. The zero Share is none.
type Share struct {
	Of     float64    // 0 to 1
	Random *rand.Rand // needed below 1; used by the caller's goroutine alone
}

// All is every connection.
var All = Share{Of: 1}

// some lists the connections of a share, in the order they came.
func (l *Link) some(of Share) []*conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	var picked []*conn
	for _, c := range l.order {
		if l.conns[c] && (of.Of >= 1 || of.Random != nil && of.Random.Float64() < of.Of) {
			picked = append(picked, c)
		}
	}
	return picked
}

// Cut ends connections, with a reset or as if they were closed, and returns how many.
func (l *Link) Cut(of Share, hard bool) int {
	picked := l.some(of)
	for _, c := range picked {
		c.cut(hard)
	}
	return len(picked)
}

// Pause holds up connections: nothing is forwarded, and nothing is lost, until resume is
// called, or after d if that comes first. It returns how many there are.
func (l *Link) Pause(of Share, d time.Duration) (n int, resume func()) {
	still := make(chan struct{})
	picked := l.some(of)
	n = 0
	for _, c := range picked {
		if c.still.CompareAndSwap(nil, &still) {
			n++
		}
	}
	timer := time.AfterFunc(d, func() { close(still) })
	return n, func() {
		if timer.Stop() {
			close(still)
		}
	}
}
