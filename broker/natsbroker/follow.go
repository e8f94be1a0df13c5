package natsbroker

import (
	"context"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go"

	"github.com/livetopics/live/broker"
)

// follows are the topics and wildcards that this node follows: one subscription each,
// all into one channel.
type follows struct {
	mu       sync.RWMutex        // guards the maps
	byName   map[string]*topic   // wildcards too
	arriving map[string]*topic   // topics, by the subject they come by
	wild     map[string]struct{} // the names of the wildcards
}

func (f *follows) init() {
	f.byName, f.arriving = make(map[string]*topic), make(map[string]*topic)
	f.wild = make(map[string]struct{})
}

// find returns the topic that comes by this subject, if it is followed by its name, and
// whether wildcards are followed.
func (f *follows) find(subject string) (t *topic, wild bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.arriving[subject], len(f.wild) > 0
}

// of returns the followed topics of a stream.
func (f *follows) of(s *stream) []*topic {
	f.mu.RLock()
	defer f.mu.RUnlock()
	var all []*topic
	for _, t := range f.arriving {
		if t.stream == s {
			all = append(all, t)
		}
	}
	return all
}

// add makes the entry of a name, or returns the one that is there.
func (f *follows) add(t *topic) (of *topic, added bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if old := f.byName[t.name]; old != nil {
		return old, false
	}
	f.byName[t.name] = t
	if isWildcard(t.name) {
		f.wild[t.name] = struct{}{}
	} else {
		f.arriving[t.arrives] = t
	}
	return t, true
}

// remove undoes add; nil if there is nothing.
func (f *follows) remove(name string) *topic {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.byName[name]
	if t == nil {
		return nil
	}
	delete(f.byName, name)
	delete(f.wild, name)
	if f.arriving[t.arrives] == t {
		delete(f.arriving, t.arrives)
	}
	return t
}

// Follow returns when all servers that nodes are connected to know of it; many calls
// at once share the round trips. A topic with history is read from then on.
func (b *Broker) Follow(ctx context.Context, name string, h broker.History) error {
	if err := b.enter(ctx); err != nil {
		return err
	}
	t := &topic{name: name}
	subjects := []string{string(appendPattern([]byte(b.subjects.plain), name))}
	switch {
	case isWildcard(name):
		subjects = append(subjects, string(appendPattern([]byte(b.subjects.spread+"*."), name)))
	case h.On():
		t.stream = b.stream(h)
		if _, err := t.stream.ready(ctx); err != nil {
			return b.outcome(err)
		}
		subjects[0] = string(appendSubject([]byte(t.stream.spread), name))
	}
	t.arrives = subjects[0]
	t, added := b.follows.add(t)
	if added {
		if err := b.subscribe(t, subjects); err != nil {
			return b.outcome(err)
		}
	}
	err := b.confirm(ctx, t)
	if err != nil && added {
		b.forget(t)
	}
	return b.outcome(err)
}

// subscribe tells the server, without waiting for it.
func (b *Broker) subscribe(t *topic, subjects []string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, subject := range subjects {
		sub, err := b.conn.ChanSubscribe(subject, b.line)
		if err != nil {
			b.follows.remove(t.name)
			t.unsubscribe()
			return fmt.Errorf("natsbroker: failed to subscribe to %s: %w", subject, sendError(err))
		}
		t.subs = append(t.subs, sub)
	}
	return nil
}

// Unfollow does not wait for the server.
func (b *Broker) Unfollow(name string) error {
	if b.closed.Load() {
		return broker.ErrClosed
	}
	if t := b.follows.remove(name); t != nil {
		t.end()
	}
	return nil
}

// forget undoes a Follow that failed.
func (b *Broker) forget(t *topic) {
	if b.follows.remove(t.name) == t {
		t.end()
	}
}

// confirmation is a Follow that waits for the servers.
type confirmation struct {
	t    *topic
	done chan error // holds one
}

// confirmations are those that wait for the next round trip.
type confirmations struct {
	mu      sync.Mutex // guards waiting and running
	waiting []confirmation
	running bool
}

// confirm waits until the servers know of the subscription, and until it is known from
// where on the topic's history is delivered.
func (b *Broker) confirm(ctx context.Context, t *topic) error {
	c := confirmation{t, make(chan error, 1)}
	f := &b.confirmations
	f.mu.Lock()
	f.waiting = append(f.waiting, c)
	if !f.running {
		f.running = true
		b.start(b.confirmAll) // ends when nothing waits
	}
	f.mu.Unlock()
	select {
	case err := <-c.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-b.ctx.Done():
		return broker.ErrClosed
	}
}

// confirmAll makes one round trip for all that wait, until none do.
func (b *Broker) confirmAll() {
	f := &b.confirmations
	for {
		f.mu.Lock()
		all := f.waiting
		f.waiting = nil
		f.running = len(all) > 0
		f.mu.Unlock()
		if len(all) == 0 {
			return
		}
		b.counters.rounds.Add(1)
		err := b.settleInterest()
		var failed map[*topic]error
		if err == nil {
			failed = b.begin(all)
		}
		for _, c := range all {
			if e := failed[c.t]; e != nil {
				c.done <- e
				continue
			}
			c.done <- err
		}
	}
}

// settleInterest returns when all servers know what this node has subscribed to.
func (b *Broker) settleInterest() error {
	ctx, cancel := context.WithTimeout(b.ctx, answerWait)
	defer cancel()
	if err := b.flush(ctx); err != nil {
		return err
	}
	b.barrier.wait(ctx)
	return nil
}

// begin finds out from where on the histories of topics newly followed are delivered:
// from the stream's newest number on.
func (b *Broker) begin(all []confirmation) map[*topic]error {
	byStream := make(map[*stream][]*topic)
	for _, c := range all {
		if s := c.t.stream; s != nil && !c.t.begun() {
			byStream[s] = append(byStream[s], c.t)
		}
	}
	failed := make(map[*topic]error)
	for s, topics := range byStream {
		last, err := s.last(b.ctx)
		for _, t := range topics {
			if err != nil {
				failed[t] = err
				continue
			}
			t.begin(s.epoch.Load(), last)
		}
		if err == nil {
			b.maintain.look(fresh{s, topics, last})
		}
	}
	return failed
}

// subscribed are subscriptions of one topic or wildcard.
type subscribed []*nats.Subscription
