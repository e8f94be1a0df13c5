package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/livetopics/live/client"
	"github.com/livetopics/live/test/chaos/internal/record"
)

// publisher publishes, one after the other, and writes down what it is answered.
type publisher struct {
	connections
	n      int
	by     string // the node that it publishes through, or "any"
	client *client.Client

	journals sync.Mutex // guards what follows
	attempts []record.Attempt
	longest  time.Duration
}

// publishWithin is how long a publication may take, whatever breaks.
const publishWithin = 75 * time.Second

// perNode is how many publishers each node has; as many again publish through any.
const perNode = 3

// newPublishers makes them.
func (r *round) newPublishers() []*publisher {
	var all []*publisher
	add := func(by string, urls []string) { all = append(all, r.newPublisher(len(all)+1, by, urls)) }
	for range perNode {
		for _, n := range r.cluster.Nodes {
			add(n.Name, []string{n.URL("publisher")})
		}
		add("any", r.urls("publisher"))
	}
	return all
}

// newPublisher makes number n.
func (r *round) newPublisher(n int, by string, urls []string) *publisher {
	p := &publisher{n: n, by: by}
	p.round, p.name = r, fmt.Sprintf("p%d", n)
	o := clientOptions(p.name, urls)
	o.OnState = p.seen
	p.client = client.New(o)
	return p
}

// publishOn publishes at an even pace until ctx ends, and returns when the last one is
// answered.
func (p *publisher) publishOn(ctx context.Context, every time.Duration) {
	random := rand.New(rand.NewPCG(p.round.seed, uint64(1000+p.n)))
	topics := published()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			p.publish(context.WithoutCancel(ctx), topics[random.IntN(len(topics))], publishWithin)
		}
	}
}

// publish publishes once, within the time that is given, and returns the ID and what
// Client.Publish does.
func (p *publisher) publish(ctx context.Context, topic string, within time.Duration) (record.ID, error) {
	p.journals.Lock()
	id := record.MakeID(p.n, uint32(len(p.attempts)+1))
	i := len(p.attempts)
	p.attempts = append(p.attempts, record.Attempt{ID: id, Topic: topic, Sent: p.round.now(), By: p.by})
	p.journals.Unlock()
	p.round.counts.publications.Add(1)
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	at, err := p.client.Publish(ctx, topic, json.RawMessage(record.Body(topic, id)), client.PublishOptions{})
	p.journals.Lock()
	defer p.journals.Unlock()
	a := &p.attempts[i]
	a.Done, a.At = p.round.now(), record.Position(at)
	p.longest = max(p.longest, a.Done-a.Sent)
	var refused *client.Error
	switch {
	case err == nil:
		a.Outcome = record.Accepted
		p.round.counts.acknowledged.Add(1)
	case errors.Is(err, client.ErrUnknown) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, client.ErrClosed):
		p.round.counts.unknown.Add(1)
	case errors.As(err, &refused):
		a.Outcome = record.Refused
		p.round.counts.refused.Add(1)
		p.round.found("refused", "%s: %v", a, err)
	default:
		p.round.counts.unknown.Add(1)
		p.round.found("refused", "%s: %v", a, err)
	}
	return id, err
}

// journal is what was published, and the longest that an answer took.
func (p *publisher) journal() ([]record.Attempt, time.Duration) {
	p.journals.Lock()
	defer p.journals.Unlock()
	return append([]record.Attempt(nil), p.attempts...), p.longest
}
