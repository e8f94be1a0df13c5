package redisbroker

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/redis/rueidis"

	"github.com/livetopics/live/broker"
)

// wildcards are those that this node follows.
type wildcards struct {
	mu   sync.RWMutex // guards list, and what is in it
	list []*wildcard  // by text, so that of several that match one is the first
}

type wildcard struct {
	text, glob string        // set once
	ready      chan struct{} // closed when the following has begun, or has failed
	begun      bool          // ready is closed
	confirmed  bool          // the server spreads to us what matches
}

func (w *wildcards) find(text string) (at int, ok bool) {
	return slices.BinarySearchFunc(w.list, text, func(w *wildcard, text string) int { return strings.Compare(w.text, text) })
}

// add returns what follows the wildcard, and whether it is new.
func (w *wildcards) add(text, glob string) (added *wildcard, isNew bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at, ok := w.find(text)
	if ok {
		return w.list[at], false
	}
	one := &wildcard{text: text, glob: glob, ready: make(chan struct{})}
	w.list = slices.Insert(w.list, at, one)
	return one, true
}

// remove takes the wildcard out, if one is nil or what follows it.
func (w *wildcards) remove(text string, one *wildcard) (glob string, removed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at, ok := w.find(text)
	if !ok || one != nil && w.list[at] != one {
		return "", false
	}
	one = w.list[at]
	one.begin()
	w.list = slices.Delete(w.list, at, at+1)
	return one.glob, true
}

func (w *wildcard) begin() {
	if !w.begun {
		w.begun = true
		close(w.ready)
	}
}

// confirm is told by the connection that the server spreads what matches the glob from
// here on, or does not any more.
func (w *wildcards) confirm(glob string, on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range w.list {
		if one.glob != glob {
			continue
		}
		if one.confirmed = on; on {
			one.begin()
		}
	}
}

// forget is told that the connection has ended: nothing is confirmed.
func (w *wildcards) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range w.list {
		one.confirmed = false
	}
}

// wanted tells whether any has the glob, and whether one of these is not confirmed.
func (w *wildcards) wanted(glob string) (wanted, new bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, one := range w.list {
		if one.glob == glob {
			wanted, new = true, new || !one.confirmed
		}
	}
	return wanted, new
}

// globs lists the globs of all.
func (w *wildcards) globs() []string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var all []string
	for _, one := range w.list {
		all = append(all, one.glob)
	}
	return all
}

// texts lists all.
func (w *wildcards) texts() []string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var all []string
	for _, one := range w.list {
		all = append(all, one.text)
	}
	return all
}

// first tells whether a topic that came by the glob is to be delivered: it matches a
// wildcard, and the first that it matches has this glob. So it is delivered once.
func (w *wildcards) first(glob, topic string) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, one := range w.list {
		if one.confirmed && matches(one.text, topic) {
			return one.glob == glob
		}
	}
	return false
}

// match tells whether any matches the topic.
func (w *wildcards) match(topic string) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, one := range w.list {
		if matches(one.text, topic) {
			return true
		}
	}
	return false
}

// followWildcard does the work of Follow for a wildcard.
func (b *Broker) followWildcard(ctx context.Context, text string) error {
	c, err := b.health.wait(ctx) // to know whether it is a cluster
	if err != nil {
		return fail(ctx, "follow "+text, err)
	}
	clustered := c.Mode() == rueidis.ClientModeCluster
	channel := b.names.publish
	if clustered {
		channel = b.names.wild
	}
	w, added := b.wild.add(text, glob(text, channel))
	if added {
		b.hub.touchGlob(w.glob)
	}
	err = b.await(ctx, w.ready)
	if err == nil && clustered {
		err = b.announce(ctx, text)
	}
	if err != nil {
		if added {
			b.unfollowWildcard(text, w)
		}
		return fail(ctx, "follow "+text, err)
	}
	b.wild.mu.RLock()
	defer b.wild.mu.RUnlock()
	if at, ok := b.wild.find(text); !ok || b.wild.list[at] != w {
		return fail(ctx, "follow "+text, broker.ErrUnavailable)
	}
	return nil
}

func (b *Broker) unfollowWildcard(text string, one *wildcard) {
	glob, removed := b.wild.remove(text, one)
	if removed {
		b.hub.touchGlob(glob)
	}
}
