package redisbroker

import (
	"hash/maphash"
	"sync"
	"time"

	"github.com/livetopics/live/broker"
)

// stripes is how many locks the topics share.
const stripes = 64

// table has what this node knows of topics: those that it follows by their names, and
// the positions of those that it published to.
type table struct {
	seed    maphash.Seed // set once
	stripes [stripes]stripe
}

type stripe struct {
	mu     sync.Mutex // guards all below, and what is followed; held while Deliver is called
	topics map[string]*follow
	known  recent
}

// state is how a followed topic with history stands.
type state uint8

const (
	joining state = iota // it is not known yet where to begin
	behind               // something may be missing: the history is being read
	live                 // what comes next is delivered
)

// follow is a topic that is followed by its name. It is guarded by its stripe's mu.
type follow struct {
	name    string         // set once
	history broker.History // set once
	ready   chan struct{}  // closed when the following has begun, or has failed

	confirmed bool // the server spreads it to us
	begun     bool // ready is closed
	gone      bool // it is not followed any more
	queued    bool // it is to be read
	state     state
	cursor    cursor
	held      held
	before    int // how many of held came before the history was asked for last
}

func (t *table) init() {
	t.seed = maphash.MakeSeed()
	for i := range t.stripes {
		t.stripes[i].topics = make(map[string]*follow)
	}
}

func (t *table) stripe(topic string) *stripe {
	return &t.stripes[maphash.String(t.seed, topic)%stripes]
}

// add returns what follows the topic, and whether it is new.
func (t *table) add(topic string, h broker.History) (f *follow, added bool) {
	s := t.stripe(topic)
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.topics[topic]; f != nil {
		return f, false
	}
	f = &follow{name: topic, history: h, ready: make(chan struct{})}
	s.topics[topic] = f
	return f, true
}

// remove takes the topic out, if f is nil or what follows it.
func (t *table) remove(topic string, f *follow) (removed bool) {
	s := t.stripe(topic)
	s.mu.Lock()
	defer s.mu.Unlock()
	there := s.topics[topic]
	if there == nil || f != nil && f != there {
		return false
	}
	there.gone = true
	there.held = held{}
	there.begin()
	s.known.put(topic, there.cursor, time.Now())
	delete(s.topics, topic)
	return true
}

// begin has Follow return.
func (f *follow) begin() {
	if !f.begun {
		f.begun = true
		close(f.ready)
	}
}

// each calls do for all that is followed, with the stripe's lock held.
func (t *table) each(do func(f *follow)) {
	for i := range t.stripes {
		s := &t.stripes[i]
		s.mu.Lock()
		for _, f := range s.topics {
			do(f)
		}
		s.mu.Unlock()
	}
}

// position is the furthest that this node knows of the topic. What is followed and live was
// compared with what is stored in this era.
func (t *table) position(topic string, era uint32) cursor {
	s := t.stripe(topic)
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.known.get(topic)
	f := s.topics[topic]
	if f == nil || f.cursor.epoch == "" || f.cursor.epoch == c.epoch && f.cursor.seq < c.seq {
		return c
	}
	c = f.cursor
	if f.state == live {
		c.era = era
	}
	return c
}

// learn remembers a position that the server told.
func (t *table) learn(topic string, c cursor) {
	s := t.stripe(topic)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known.put(topic, c, time.Now())
}
