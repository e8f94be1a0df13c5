package redisbroker

import (
	"strconv"
	"sync"
	"time"
)

// How long and how many publications are remembered that came one of two ways.
const (
	twiceAge   = 5 * time.Second
	twiceCount = 32 << 10
)

// twice knows which publications have come already. On a cluster those that a wildcard
// matches may come two ways, each of which has all of them in order: what comes first is
// delivered, and so the order is kept.
type twice struct {
	mu         sync.Mutex // guards the fields below
	young, old map[string]struct{}
	turned     time.Time
}

// first reports whether the publication has not come before.
func (t *twice) first(id string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.young[id]; ok {
		return false
	}
	if _, ok := t.old[id]; ok {
		return false
	}
	if t.young == nil || len(t.young) >= twiceCount || now.Sub(t.turned) > twiceAge {
		t.old, t.young, t.turned = t.young, make(map[string]struct{}), now
	}
	t.young[id] = struct{}{}
	return true
}

// identity tells a publication from all others, where it may come two ways.
func (a *arrival) identity(topic string) string {
	if a.epoch != "" {
		return topic + "\x00" + a.epoch + ":" + strconv.FormatUint(a.Seq, 10)
	}
	return a.id
}

// plainHead is what a publication without history has before it on a channel. One that
// goes two ways has a name of its own.
func (b *Broker) plainHead(twoWays bool) string {
	if !twoWays {
		return "p"
	}
	return "w" + b.base + strconv.FormatUint(b.sent.Add(1), 36) + ":"
}
