package brokertest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/livetopics/live/broker"
)

// patience is how long something may take that must come.
const patience = 30 * time.Second

// kept is the history of most topics of the suite.
var kept = broker.History{Size: 10_000, Age: time.Hour}

// rig is what a case works with: the nodes, and what each has delivered.
type rig struct {
	tester
	ctx      context.Context
	patience time.Duration
	nodes    []broker.Broker
	records  []*record
	prefix   string // of this rig's topics
}

func newRig(t tester, nodes int, open opener) *rig {
	r := &rig{tester: t, ctx: t.Context(), prefix: "brokertest:" + rand.Text() + ":"}
	var ds []broker.Deliver
	for range nodes {
		rec := &record{arrived: make(chan struct{}, 1)}
		r.records = append(r.records, rec)
		ds = append(ds, rec.deliver)
	}
	r.nodes = open(ds...)
	return r
}

// close closes the nodes. A case may have done so already.
func (r *rig) close() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for i, b := range r.nodes {
		if err := b.Close(ctx); err != nil {
			r.Errorf("Close of node %d: %v", i, err)
		}
	}
	for i, rec := range r.records {
		if rec.overlapped.Load() {
			r.Errorf("node %d: Deliver was called for one topic with history while a call for it was under way", i)
		}
	}
}

func (r *rig) topic(name string) string { return r.prefix + name }

func (r *rig) publish(node int, m broker.Message) broker.Position {
	r.Helper()
	p, err := r.nodes[node].Publish(r.ctx, &m)
	if err != nil {
		r.Fatalf("Publish to %s: %v", m.Topic, err)
	}
	return p
}

func (r *rig) follow(node int, topic string, h broker.History) {
	r.Helper()
	if err := r.nodes[node].Follow(r.ctx, topic, h); err != nil {
		r.Fatalf("Follow %s: %v", topic, err)
	}
}

func (r *rig) page(node int, topic string, h broker.History, q broker.Query) broker.Page {
	r.Helper()
	p, err := r.nodes[node].History(r.ctx, topic, h, q)
	if err != nil {
		r.Fatalf("History of %s: %v", topic, err)
	}
	return p
}

// delivered waits until the node has delivered n publications of the topic, and
// returns all it has.
func (r *rig) delivered(node int, topic string, n int) []delivery {
	r.Helper()
	rec := r.records[node]
	timer := time.NewTimer(r.patience)
	defer timer.Stop()
	for {
		all := rec.of(topic)
		if len(all) >= n {
			return all
		}
		select {
		case <-rec.arrived:
		case <-timer.C:
			r.Fatalf("%d publications of %s were delivered, want %d", len(all), topic, n)
		}
	}
}

// settled waits until the node has delivered what was published before, and
// returns all of the topic: a last publication shows that nothing is to come.
func (r *rig) settled(node int, topic string, h broker.History) []delivery {
	r.Helper()
	return r.settledAfter(node, node, topic, h)
}

// settledAfter is settled where another node publishes: without history nothing says
// that what one publishes comes after what another has.
func (r *rig) settledAfter(publisher, node int, topic string, h broker.History) []delivery {
	r.Helper()
	end := "end " + rand.Text()
	r.publish(publisher, broker.Message{Topic: topic, Key: end, Data: []byte("0"), History: h})
	for n := 1; ; n++ {
		all := r.delivered(node, topic, n)
		if last := len(all) - 1; all[last].Key == end {
			return all[:last]
		}
		n = len(all)
	}
}

// delivery is one call of Deliver.
type delivery struct {
	epoch string
	broker.Publication
}

// record keeps what one node delivers.
type record struct {
	mu         sync.Mutex // guards the field all
	all        map[string][]delivery
	arrived    chan struct{}
	busy       sync.Map // topics with history of which a delivery is under way
	overlapped atomic.Bool
}

func (rec *record) deliver(topic, epoch string, p *broker.Publication) {
	if epoch != "" {
		if _, busy := rec.busy.LoadOrStore(topic, true); busy {
			rec.overlapped.Store(true)
		}
		defer rec.busy.Delete(topic)
	}
	d := delivery{epoch, *p}
	d.Data = bytes.Clone(p.Data)
	rec.mu.Lock()
	if rec.all == nil {
		rec.all = make(map[string][]delivery)
	}
	rec.all[topic] = append(rec.all[topic], d)
	rec.mu.Unlock()
	select {
	case rec.arrived <- struct{}{}:
	default:
	}
}

// of returns what was delivered of the topic.
func (rec *record) of(topic string) []delivery {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	all := rec.all[topic]
	return all[:len(all):len(all)]
}

// numbered is the data of the i-th message of a publisher.
func numbered(publisher, i int) []byte { return fmt.Appendf(nil, `"%d-%d"`, publisher, i) }
