package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/livetopics/live/client"
	"github.com/livetopics/live/test/chaos/internal/cluster"
)

// awayFor is for how long the broker is away, and noticedWithin how long a node may take
// until it says unavailable.
const (
	awayFor       = 10 * time.Second
	noticedWithin = 7 * time.Second

	// probeWithin is more than a node lets its broker take.
	probeWithin = 6 * time.Second
)

// goAway takes the broker away once: redis-server, or the two other nodes, without which
// the first has no majority. Sessions must stay, and publications be refused as
// unavailable, until it is back.
func (r *round) goAway(ctx context.Context) {
	wait(ctx, r.o.duration/3)
	first := r.cluster.Nodes[0]
	staying := r.staying(first)
	began := r.now()
	r.counts.broker.Add(1)
	if r.cluster.Redis != nil {
		r.cluster.Redis.Kill()
	} else {
		for _, n := range r.cluster.Nodes[1:] {
			n.Kill()
		}
	}
	r.say("the broker is away; %d sessions have to stay", len(staying))
	r.probe(ctx, first, began)
	for _, s := range staying {
		for _, e := range s.since(began) {
			r.found("away", "%s did not stay: %s", s.name, e)
		}
	}
	starting, cancel := context.WithTimeout(ctx, restartWithin)
	defer cancel()
	var err error
	if r.cluster.Redis != nil {
		err = r.cluster.Redis.Start(starting)
	} else {
		err = r.cluster.StartNodes(starting, r.cluster.Nodes[1:]...)
	}
	if err != nil {
		r.found("start", "%v", err)
	}
	back := r.now()
	if err := r.cluster.Ready(starting); err != nil {
		r.found("away", "%v", err)
	}
	r.say("the nodes are ready %s after the broker is back", (r.now() - back).Round(time.Millisecond))
	wait(ctx, max(r.o.duration-(r.now()-r.loaded), 3*time.Second))
}

// staying are the clients whose connection does not need what goes away.
func (r *round) staying(first *cluster.Node) []*subscriber {
	var all []*subscriber
	for _, s := range r.crowd.present() {
		if r.cluster.Redis != nil || strings.Contains(s.client.State().URL, first.Clients.Addr()) {
			all = append(all, s)
		}
	}
	return all
}

// probe publishes through a node while the broker is away, and sees that each is refused
// as unavailable.
func (r *round) probe(ctx context.Context, n *cluster.Node, began time.Duration) {
	p := r.newPublisher(len(r.pubs)+1, n.Name, []string{n.URL("probe")})
	r.pubs = append(r.pubs, p)
	refusals := 0
	for r.now()-began < awayFor && ctx.Err() == nil {
		_, err := p.publish(ctx, deepTopics[0], probeWithin)
		var refused *client.Error
		switch {
		case err == nil:
			r.found("away", "a publication was accepted while the broker was away")
		case errors.As(err, &refused) && refused.Code == client.CodeUnavailable:
			refusals++
		case r.now()-began > noticedWithin:
			r.found("away", "a publication failed otherwise than as unavailable: %v", err)
		}
	}
	r.say("%d publications were refused as unavailable", refusals)
	if refusals == 0 {
		r.found("away", "no publication was refused as unavailable")
	}
}
