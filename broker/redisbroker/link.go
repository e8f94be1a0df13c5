package redisbroker

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

var (
	errGone  = errors.New("the server has gone")
	errEnded = errors.New("the connection has ended")
)

// linkRetry is how long a connection waits to be made again.
const linkRetry = 100 * time.Millisecond

// wildAddr is the address of a cluster's link for wildcards: any of its servers will do.
const wildAddr = "*"

// link is a connection on which a server spreads what is followed. It makes itself anew.
//
// What is to be followed is told by name, and then compared with what is followed: so
// many names that come at about the same time make few commands.
type link struct {
	b    *Broker       // set once
	addr string        // set once: of the master in a cluster; "" elsewhere
	bell chan struct{} // there is something in dirty or globs
	stop chan struct{} // closed to end it
	anew chan struct{} // has it make its connection anew

	mu         sync.Mutex          // guards the fields below
	dirty      map[string]struct{} // topics to look at
	globs      map[string]struct{} // globs to look at
	subscribed map[string]struct{} // topics that the server was asked to spread
	patterns   map[string]struct{} // globs that it was asked to spread
}

func newLink(b *Broker, addr string) *link {
	l := &link{b: b, addr: addr, bell: make(chan struct{}, 1), stop: make(chan struct{}), anew: make(chan struct{}, 1)}
	l.forget()
	return l
}

// forget begins anew: nothing is subscribed.
func (l *link) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dirty, l.globs = make(map[string]struct{}), make(map[string]struct{})
	l.subscribed, l.patterns = make(map[string]struct{}), make(map[string]struct{})
}

// touch has a topic looked at.
func (l *link) touch(topic string) {
	l.mu.Lock()
	l.dirty[topic] = struct{}{}
	l.mu.Unlock()
	l.ring()
}

// touchGlob has a glob looked at.
func (l *link) touchGlob(glob string) {
	l.mu.Lock()
	l.globs[glob] = struct{}{}
	l.mu.Unlock()
	l.ring()
}

func (l *link) ring() {
	select {
	case l.bell <- struct{}{}:
	default:
	}
}

// run keeps a connection until the link or the broker ends.
func (l *link) run() {
	defer l.b.health.hear(l.addr, nil)
	for {
		err := l.session()
		l.b.era.Add(1)
		l.end()
		if l.stopped() {
			return
		}
		l.b.health.hear(l.addr, err)
		l.b.probeNow()
		l.b.hub.ring() // in a cluster another may have its place
		if !l.b.pause(jitter(linkRetry)) {
			return
		}
	}
}

func (l *link) stopped() bool {
	select {
	case <-l.stop:
		return true
	default:
		return l.b.ctx.Err() != nil
	}
}

// end says of all topics that the server does not spread them any more.
func (l *link) end() {
	l.mu.Lock()
	topics := l.subscribed
	l.mu.Unlock()
	l.forget()
	for topic := range topics {
		l.b.confirm(topic, false)
	}
	if l.b.hub.wildOn(l) {
		l.b.wild.forget()
	}
}

// session makes a connection and uses it until it breaks.
func (l *link) session() error {
	node := l.b.hub.node(l.addr)
	if node == nil {
		return errGone
	}
	conn, release := node.Dedicate()
	defer release()
	broken := conn.SetPubSubHooks(rueidis.PubSubHooks{OnMessage: l.b.receive, OnSubscription: l.confirmed})
	defer func() {
		conn.Close()
		for range broken { // until no hook is called any more
		}
	}()
	if err := l.do(conn, conn.B().Ping().Build()); err != nil {
		return err
	}
	l.b.health.hear(l.addr, nil)
	l.b.era.Add(1)      // the server may be another, or have forgotten some
	l.b.members.doubt() // as above
	l.b.hub.touchAll(l)
	for {
		topics, globs := l.take()
		if len(topics)+len(globs) == 0 {
			select {
			case <-l.bell:
				continue
			case err := <-broken:
				return errors.Join(errEnded, err)
			case <-l.anew:
				return errEnded
			case <-l.stop:
			case <-l.b.ctx.Done():
			}
			return nil
		}
		if err := l.settle(conn, topics); err != nil {
			return err
		}
		if err := l.settleGlobs(conn, globs); err != nil {
			return err
		}
	}
}

// do makes calls on the connection, and returns the first error.
func (l *link) do(conn rueidis.DedicatedClient, commands ...rueidis.Completed) error {
	ctx, cancel := context.WithTimeout(l.b.ctx, followTimeout)
	defer cancel()
	for _, r := range conn.DoMulti(ctx, commands...) {
		if err := r.Error(); err != nil {
			return err
		}
	}
	return nil
}

// take returns what is to be looked at.
func (l *link) take() (topics, globs []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for t := range l.dirty {
		topics = append(topics, t)
	}
	for g := range l.globs {
		globs = append(globs, g)
	}
	if len(topics) > 0 {
		l.dirty = make(map[string]struct{})
	}
	if len(globs) > 0 {
		l.globs = make(map[string]struct{})
	}
	return topics, globs
}

// confirmed is called by the connection's goroutine, in the order of the server.
func (l *link) confirmed(s rueidis.PubSubSubscription) {
	switch s.Kind {
	case "psubscribe":
		l.b.wild.confirm(s.Channel, true)
	case "punsubscribe":
		l.b.wild.confirm(s.Channel, false)
	case "subscribe", "ssubscribe":
		if topic, ok := l.b.names.topic(s.Channel); ok {
			l.b.confirm(topic, true)
		}
	case "sunsubscribe":
		l.taken(s.Channel)
	}
}

// taken is told that a server does not spread a channel any more: it was asked so, or the
// slot has moved to another.
func (l *link) taken(channel string) {
	topic, ok := l.b.names.topic(channel)
	if !ok {
		return
	}
	l.mu.Lock()
	_, asked := l.subscribed[topic]
	delete(l.subscribed, topic)
	l.mu.Unlock()
	if asked {
		l.b.confirm(topic, false)
		l.b.hub.ring()
	}
}
