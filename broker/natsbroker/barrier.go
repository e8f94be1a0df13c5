package natsbroker

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// How long other servers are waited for.
const (
	meetWait    = 250 * time.Millisecond // to see who is there, once for each connection
	barrierWait = 500 * time.Millisecond // for those that are known
	barrierMost = 3                      // so often in vain, then they are gone
)

// barrier makes sure that the servers other nodes are connected to know of this node's
// subscriptions: those travel before a hello, on the same way, and each such server has
// one node answer it. Without a cluster nobody is waited for.
type barrier struct {
	b *Broker // set once

	mu      sync.Mutex     // guards the fields below
	servers map[string]int // heard of, and how often they did not answer since
	own     string         // the server that this node is connected to
	met     bool           // the others were given time to answer
	sub     *nats.Subscription
	rounds  map[uint64]*gathering // those that are under way
	last    uint64
}

// gathering waits for the answers to one hello.
type gathering struct {
	missing map[string]bool
	done    chan struct{} // closed when nobody is missing
}

func (r *barrier) init(b *Broker) {
	r.b, r.servers, r.rounds = b, make(map[string]int), make(map[uint64]*gathering)
	b.calls.greeted = r.greeted
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
	r.own, r.servers, r.met = conn.ConnectedServerId(), make(map[string]int), false
	var err error
	if r.sub, err = conn.ChanQueueSubscribe(r.b.subjects.hello, r.own, r.b.line); err != nil {
		return err
	}
	return r.hello(0)
}

// hello asks all servers to answer. r.mu is held.
func (r *barrier) hello(round uint64) error {
	return r.b.conn.PublishRequest(r.b.subjects.hello, r.b.calls.prefix+"0", fmt.Appendf(nil, "%s %d", r.own, round))
}

// answer answers a hello.
func (r *barrier) answer(m *nats.Msg) {
	id, round := parseHello(m.Data)
	r.mu.Lock()
	own := r.own
	r.meet(id)
	r.mu.Unlock()
	_ = r.b.conn.Publish(m.Reply, fmt.Appendf(nil, "%s %d", own, round)) // who does not get it waits a little longer
}

// greeted takes an answer.
func (r *barrier) greeted(data []byte) {
	id, round := parseHello(data)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.meet(id)
	if g := r.rounds[round]; g != nil && g.missing[id] {
		delete(g.missing, id)
		if len(g.missing) == 0 {
			close(g.done)
		}
	}
}

func parseHello(data []byte) (id string, round uint64) {
	_, _ = fmt.Sscanf(string(data), "%s %d", &id, &round) // what is none is from nobody that is waited for
	return id, round
}

// meet notes that there is such a server. r.mu is held.
func (r *barrier) meet(id string) {
	if id != r.own && id != "" {
		r.servers[id] = 0
	}
}

// begin says hello, if there is anybody to wait for.
func (r *barrier) begin() (g *gathering, round uint64, limit time.Duration) {
	if r.b.conn.ConnectedClusterName() == "" {
		return nil, 0, 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	g, limit = &gathering{make(map[string]bool), make(chan struct{})}, barrierWait
	for id := range r.servers {
		g.missing[id] = true
	}
	if !r.met {
		r.met, limit = true, meetWait
		g.missing[""] = true // somebody that is not known yet
	}
	if len(g.missing) == 0 {
		return nil, 0, 0
	}
	r.last++
	r.rounds[r.last] = g
	if r.hello(r.last) != nil {
		return nil, 0, 0 // no connection, and no interest to wait for
	}
	return g, r.last, limit
}

// wait waits for the other servers, as far as they answer.
func (r *barrier) wait(ctx context.Context) {
	g, round, limit := r.begin()
	if g == nil {
		return
	}
	r.gather(ctx, g, round, limit)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.rounds, round)
	for id := range g.missing {
		if _, known := r.servers[id]; !known {
			continue
		}
		if r.servers[id]++; r.servers[id] >= barrierMost {
			delete(r.servers, id)
		}
	}
}

// gather waits for the answers to a hello. Who meets the others says it again and again:
// they may have come at the same moment, and their servers not know of each other's yet.
func (r *barrier) gather(ctx context.Context, g *gathering, round uint64, limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	again := time.NewTicker(meetWait / 8)
	defer again.Stop()
	for {
		select {
		case <-g.done:
			return
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		case <-again.C:
			if limit == meetWait {
				r.mu.Lock()
				_ = r.hello(round) // fails without connection, and then there is nobody to meet
				r.mu.Unlock()
			}
		}
	}
}
