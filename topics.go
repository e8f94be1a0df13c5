package live

import (
	"context"
	"hash/maphash"
	"runtime/debug"
	"strings"
	"sync"
)

// topics are those with subscribers on this server of which somebody has to know when
// the first comes and when the last has gone: the broker, who follows them, and the
// hooks OnTopicActive and OnTopicIdle. Both are told after a grace period, so that a
// reconnect makes no noise.
type topics struct {
	server  *Server // set once
	seed    maphash.Seed
	grace   later
	stripes [64]topicStripe
	hooks   sync.WaitGroup // the goroutines that call hooks
}

type topicStripe struct {
	mu     sync.Mutex // guards active, and the fields of what is in it that say so
	active map[string]*activeTopic
}

// activeTopic is one of topics.
type activeTopic struct {
	name string // set once

	// Guarded by the stripe's mu.
	subs    int    // sessions subscribed
	lasts   uint32 // how often the last one left
	wanted  bool   // there are some, or were until a grace period ago
	told    bool   // what the hooks were told last: active
	telling bool   // a goroutine is telling them
	epoch   string // of what the broker delivers; empty until something was, or was read
	former  string // which that came after; empty if there was none

	mu       sync.Mutex // held while the broker is told; guards followed
	followed bool
}

func (t *topics) init(s *Server) {
	t.server, t.seed, t.grace.delay = s, maphash.MakeSeed(), s.opts.Timeouts.topicIdle()
	for i := range t.stripes {
		t.stripes[i].active = make(map[string]*activeTopic)
	}
}

func (t *topics) stripe(name string) *topicStripe {
	return &t.stripes[maphash.String(t.seed, name)%uint64(len(t.stripes))]
}

// enter counts one subscription more. It may block while the broker begins to follow
// the topic. It returns ErrUnavailable if that fails; nothing is counted then.
func (t *topics) enter(name string, h History) error {
	s := t.stripe(name)
	s.mu.Lock()
	a := s.active[name]
	if a == nil {
		a = &activeTopic{name: strings.Clone(name)}
		s.active[a.name] = a
	}
	a.subs++
	a.wanted = true
	s.mu.Unlock()
	if err := t.follow(a, h); err != nil {
		t.leave(name)
		return err
	}
	t.tell(s, a)
	return nil
}

func (t *topics) follow(a *activeTopic, h History) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.followed {
		return nil
	}
	ctx, cancel := t.server.brokerContext(context.Background())
	defer cancel()
	err := t.server.broker.Follow(ctx, a.name, h)
	a.followed = err == nil
	return brokerError(err)
}

// leave counts one less.
func (t *topics) leave(name string) {
	s := t.stripe(name)
	s.mu.Lock()
	a := s.active[name]
	a.subs--
	last := a.subs == 0
	if last {
		a.lasts++
	}
	lasts := a.lasts
	s.mu.Unlock()
	if last {
		t.grace.add(func() { t.idle(s, a, lasts) })
	}
}

// idle ends what began with the first subscriber, unless one has come since the last
// left for that time.
func (t *topics) idle(s *topicStripe, a *activeTopic, lasts uint32) {
	a.mu.Lock()
	s.mu.Lock()
	deserted := a.subs == 0 && a.lasts == lasts
	if deserted {
		a.wanted = false
	}
	s.mu.Unlock()
	if deserted && a.followed {
		a.followed = false
		if err := t.server.broker.Unfollow(a.name); err != nil {
			t.server.log.Warn("live: failed to unfollow a topic", "topic", a.name, "error", err)
		}
	}
	a.mu.Unlock()
	if deserted {
		t.tell(s, a)
	}
}

// tell has the hooks called if they were last told something else than what is true,
// in a goroutine of their own: they may take their time, and call anything.
func (t *topics) tell(s *topicStripe, a *activeTopic) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.settled(s, a) || a.telling {
		return
	}
	a.telling = true
	t.hooks.Go(func() { // owner: the server; ends when the hooks know what is true
		for t.tellOnce(s, a) {
		}
	})
}

// settled reports whether there is nothing to tell, and forgets a topic that is not
// wanted any more. s.mu is held.
func (t *topics) settled(s *topicStripe, a *activeTopic) bool {
	o := &t.server.opts
	if a.told != a.wanted && (o.OnTopicActive != nil || o.OnTopicIdle != nil) && !strings.HasPrefix(a.name, "$") {
		return false
	}
	if !a.wanted && s.active[a.name] == a {
		delete(s.active, a.name)
	}
	return true
}

func (t *topics) tellOnce(s *topicStripe, a *activeTopic) (more bool) {
	s.mu.Lock()
	if t.settled(s, a) {
		a.telling = false
		s.mu.Unlock()
		return false
	}
	a.told = !a.told
	hook, name := t.server.opts.OnTopicIdle, "OnTopicIdle"
	if a.told {
		hook, name = t.server.opts.OnTopicActive, "OnTopicActive"
	}
	s.mu.Unlock()
	if hook != nil {
		t.server.guard(name, func() { hook(a.name) })
	}
	return true
}

// heed is told of which epoch the broker delivers, or a history is that was read, and
// reports whether that is of use. If it is another one than before, the topic's
// subscribers are told first.
func (t *topics) heed(name, epoch string) bool {
	s := t.stripe(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.active[name]
	switch {
	case a == nil || a.epoch == epoch:
		return true
	case a.former == epoch:
		return false // it was on its way when the other one began
	}
	began := a.epoch == ""
	a.former, a.epoch = a.epoch, epoch
	if !began {
		t.server.log.Warn("live: a topic's history has begun anew", "topic", name)
		t.server.engine.Renew(name, rawFrame(anewFrame(name, epoch)))
	}
	return true
}

// close tells no more, and waits for the hooks.
func (t *topics) close() {
	t.grace.close()
	t.hooks.Wait()
}

// guard calls a hook that belongs to no session, and logs its panic.
func (s *Server) guard(name string, hook func()) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("live: panic in "+name, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	hook()
}
