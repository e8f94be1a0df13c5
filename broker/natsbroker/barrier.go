package natsbroker

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// How long other servers are waited for.
const (
	meetWait    = 50 * time.Millisecond  // to see who is there, at first
	barrierWait = 500 * time.Millisecond // for those that are known
)

// barrier makes sure that the servers other nodes are connected to know of this node's
// subscriptions: those travel before a hello, on the same way, and each such server has
// one node answer it. Without a cluster nobody is waited for.
type barrier struct {
	b *Broker // set once

	mu      sync.Mutex      // guards the fields below
	servers map[string]bool // heard of
	own     string          // the server that this node is connected to
	met     bool            // the others were given time to answer
	sub     *nats.Subscription
}

// open has this node answer for its server. It is called again after each reconnect,
// which may lead to another server.
func (r *barrier) open() error {
	conn := r.b.conn
	r.mu.Lock()
	defer r.mu.Unlock()
	if id := conn.ConnectedServerId(); id == r.own || id == "" {
		return nil
	}
	if r.sub != nil {
		_ = r.sub.Unsubscribe() // fails where it has ended
	}
	r.own, r.servers, r.met = conn.ConnectedServerId(), make(map[string]bool), false
	var err error
	if r.sub, err = conn.ChanQueueSubscribe(r.b.subjects.hello, r.own, r.b.line); err != nil {
		return err
	}
	return conn.PublishRequest(r.b.subjects.hello, r.b.calls.prefix+"0", []byte(r.own)) // nobody waits for the answers
}

// answer answers a hello.
func (r *barrier) answer(m *nats.Msg) {
	from := string(m.Data)
	r.mu.Lock()
	own := r.own
	if from != own {
		r.servers[from] = true
	}
	r.mu.Unlock()
	_ = r.b.conn.Publish(m.Reply, []byte(own)) // who does not get it waits a little longer
}

// waited is whom to wait for; nobody without a cluster.
func (r *barrier) waited() (missing map[string]bool, limit time.Duration) {
	if r.b.conn.ConnectedClusterName() == "" {
		return nil, 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	missing, limit = make(map[string]bool), barrierWait
	for id := range r.servers {
		missing[id] = true
	}
	if !r.met {
		r.met, limit = true, meetWait
		missing[""] = true // somebody that is not known yet
	}
	return missing, limit
}

// wait waits for the other servers, as far as they answer.
func (r *barrier) wait(ctx context.Context) {
	missing, limit := r.waited()
	if len(missing) == 0 {
		return
	}
	r.mu.Lock()
	own := r.own
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	m := &nats.Msg{Subject: r.b.subjects.hello, Data: []byte(own)}
	_ = r.b.calls.many(ctx, m, mostAtOnce, func(a *nats.Msg) bool {
		id := strings.Clone(string(a.Data))
		delete(missing, id)
		r.mu.Lock()
		if id != r.own {
			r.servers[id] = true
		}
		r.mu.Unlock()
		return len(missing) > 0
	}) // its error says that some did not answer in time: they are dropped
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range missing {
		delete(r.servers, id)
	}
}
