package engine

import (
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"

	topicname "github.com/livetopics/live/internal/topic"
)

// stripes is how many locks the route has. A topic's lock is held while a
// publication goes into the inboxes, which gives all subscribers one order.
const stripes = 256

// route knows which loops have subscribers of which topic. A topic exists while it
// has any.
type route struct {
	seed    maphash.Seed
	stripes [stripes]stripe
	wild    stripe // of the wildcards; its mu may be taken while another stripe's is held
}

type stripe struct {
	wild atomic.Pointer[topicname.Index[*topic]] // finds those of topics that a name matches; of route.wild only

	mu     sync.Mutex // guards topics, and the fields of the topics in it that say so
	topics map[string]*topic
}

// topic is the route of one topic, or of one wildcard: a shard for every loop that
// has subscribers.
type topic struct {
	name string // set once
	wild bool   // set once

	// Guarded by the stripe's mu.
	shards []*shard // a new slice whenever it changes
	seq    uint64   // the newest number that was published, 0 if none had one
	kept   *kept    // nil while no subscription is behind

	after map[*subscription]uint64 // where those of Replay went on that were made live by CatchUp; nil if there are none
	ahead ahead                    // who has more than was published here
}

// shard is one loop's part of a topic.
type shard struct {
	topic *topic // set once
	loop  *loop  // set once
	count int32  // subscriptions, guarded by the stripe's mu: ahead of subs by what is in the inbox

	// Loop only.
	dirty [2]uint32       // place in either turn's list of shards plus one; 0 for none
	subs  []*subscription // in no order
	back  map[*Conn]bool  // those whose subscription is behind; nil if none
}

func (r *route) init() {
	r.seed = maphash.MakeSeed()
	for i := range r.stripes {
		r.stripes[i].topics = make(map[string]*topic)
	}
	r.wild.topics = make(map[string]*topic)
}

// stripe returns where a topic is, or a wildcard.
func (r *route) stripe(name string) *stripe {
	if topicname.IsWildcard(name) {
		return &r.wild
	}
	return r.exact(name)
}

// exact returns where a topic is that is no wildcard.
func (r *route) exact(name string) *stripe {
	return &r.stripes[maphash.String(r.seed, name)%stripes]
}

// join adds one subscription to the count of name's shard for l, and makes what is
// not there yet.
func (s *stripe) join(name string, l *loop) *shard {
	t := s.topics[name]
	if t == nil {
		t = &topic{name: strings.Clone(name), wild: topicname.IsWildcard(name)}
		s.topics[t.name] = t
		if t.wild {
			w, _ := topicname.ParseWildcard(t.name) // what does not parse matches nothing
			s.wild.Store(s.wild.Load().With(w, t))
		}
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

// leave takes sub from its shard's count; what has none left is forgotten.
func (s *stripe) leave(sub *subscription) {
	sh := sub.shard
	t := sh.topic
	t.unhold(sub)
	delete(t.after, sub)
	delete(t.ahead.of, sub)
	if sh.count--; sh.count > 0 {
		return
	}
	rest := make([]*shard, 0, len(t.shards)-1)
	for _, other := range t.shards {
		if other != sh {
			rest = append(rest, other)
		}
	}
	if t.shards = rest; len(rest) > 0 {
		return
	}
	delete(s.topics, t.name)
	if t.wild {
		w, _ := topicname.ParseWildcard(t.name)
		s.wild.Store(s.wild.Load().Without(w))
	}
}

// Publish is Ready and Push.
func (e *Engine) Publish(name string, f *Frame, except *Conn) {
	if e.Ready(name) {
		e.Push(name, f, except)
	}
}

// Ready waits while a loop with subscribers of the topic, or of a wildcard that matches
// it, is more than Options.InboxSize commands behind, and reports whether there are any.
func (e *Engine) Ready(name string) bool {
	s := e.route.exact(name)
	for {
		s.mu.Lock()
		var shards []*shard
		if t := s.topics[name]; t != nil {
			shards = t.shards
		}
		s.mu.Unlock()
		busy, wild := fullInbox(shards), false
		if busy == nil {
			busy, wild = e.route.wildReady(name)
		}
		if busy == nil {
			return len(shards) > 0 || wild
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

// Push gives f to every subscriber of the topic but except, which may be nil. It does
// not block. What one goroutine publishes is delivered in its order, and all
// subscribers of a topic see one order.
func (e *Engine) Push(name string, f *Frame, except *Conn) {
	s := e.route.exact(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	var few [4]*topic
	wild := e.route.wild.wild.Load().AppendMatches(few[:0], name) // under the lock: who goes from the topic to a wildcard misses nothing
	t := s.topics[name]
	if t != nil {
		t.number(f.seq())
		if t.kept != nil {
			t.kept.keep(f, except, true)
		}
		if has := t.ahead.pass(f.seq()); has.any() {
			e.route.pushSparing(t, wild, f, append(has.some, except), has.all)
			return
		}
	}
	if len(wild) > 0 {
		e.route.pushWild(t, wild, f, []*Conn{except}, false)
		return
	}
	if t == nil {
		return
	}
	for _, sh := range t.shards {
		sh.loop.inbox.push(command{kind: cmdPublish, shard: sh, frame: f, conn: except})
	}
}

// Subscribers returns how many connections are subscribed to the topic, or to the
// wildcard, by that name. Of a topic, subscribers of wildcards do not count.
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

// Wanted reports whether anybody is subscribed to the topic, or to a wildcard that
// matches it.
func (e *Engine) Wanted(name string) bool {
	s := e.route.exact(name)
	s.mu.Lock()
	t := s.topics[name]
	s.mu.Unlock()
	return t != nil || e.route.wildFor(name)
}
