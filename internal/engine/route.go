package engine

import (
	"hash/maphash"
	"strings"
	"sync"
)

// stripes is how many locks the route has. A topic's lock is held while a
// publication goes into the inboxes, which gives all subscribers one order.
const stripes = 256

// route knows which loops have subscribers of which topic. A topic exists while it
// has any.
type route struct {
	seed    maphash.Seed
	stripes [stripes]stripe
}

type stripe struct {
	mu     sync.Mutex // guards topics, and the fields of the topics in it that say so
	topics map[string]*topic
}

// topic is the route of one topic: a shard for every loop that has subscribers.
type topic struct {
	name   string   // set once
	shards []*shard // guarded by the stripe's mu; a new slice whenever it changes
}

// shard is one loop's part of a topic.
type shard struct {
	topic *topic // set once
	loop  *loop  // set once
	count int32  // subscriptions, guarded by the stripe's mu: ahead of subs by what is in the inbox

	// Loop only.
	dirty [2]uint32       // place in either turn's list of shards plus one; 0 for none
	subs  []*subscription // in no order
}

func (r *route) init() {
	r.seed = maphash.MakeSeed()
	for i := range r.stripes {
		r.stripes[i].topics = make(map[string]*topic)
	}
}

func (r *route) stripe(name string) *stripe {
	return &r.stripes[maphash.String(r.seed, name)%stripes]
}

// join adds one subscription to the count of name's shard for l, and makes what is
// not there yet.
func (s *stripe) join(name string, l *loop) *shard {
	t := s.topics[name]
	if t == nil {
		t = &topic{name: strings.Clone(name)}
		s.topics[t.name] = t
	}
	for _, sh := range t.shards {
		if sh.loop == l {
			sh.count++
			return sh
		}
	}
	sh := &shard{topic: t, loop: l, count: 1}
	t.shards = append(t.shards[:len(t.shards):len(t.shards)], sh)
	return sh
}

// leave takes one subscription from the count; what has none left is forgotten.
func (s *stripe) leave(sh *shard) {
	if sh.count--; sh.count > 0 {
		return
	}
	t := sh.topic
	rest := make([]*shard, 0, len(t.shards)-1)
	for _, other := range t.shards {
		if other != sh {
			rest = append(rest, other)
		}
	}
	if t.shards = rest; len(rest) == 0 {
		delete(s.topics, t.name)
	}
}

// Publish gives f to every subscriber of the topic but except, which may be nil. It
// waits while a loop concerned is more than Options.InboxSize commands behind, and
// otherwise does not block. What one goroutine publishes is delivered in its order,
// and all subscribers of a topic see one order.
func (e *Engine) Publish(name string, f *Frame, except *Conn) {
	s := e.route.stripe(name)
	for {
		s.mu.Lock()
		var shards []*shard
		if t := s.topics[name]; t != nil {
			shards = t.shards
		}
		busy := fullInbox(shards)
		if busy == nil {
			for _, sh := range shards {
				sh.loop.inbox.push(command{kind: cmdPublish, shard: sh, frame: f, conn: except})
			}
		}
		s.mu.Unlock()
		if busy == nil {
			return
		}
		busy.wait()
	}
}

func fullInbox(shards []*shard) *inbox {
	for _, sh := range shards {
		if sh.loop.inbox.full() {
			return &sh.loop.inbox
		}
	}
	return nil
}

// Subscribers returns how many connections are subscribed to the topic.
func (e *Engine) Subscribers(name string) int {
	s := e.route.stripe(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	if t := s.topics[name]; t != nil {
		for _, sh := range t.shards {
			n += int(sh.count)
		}
	}
	return n
}
