package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/livetopics/live/test/chaos/internal/cluster"
	"github.com/livetopics/live/test/chaos/internal/link"
)

// leaveWithin is how long a node may take to end after SIGTERM, whatever breaks, and
// restartWithin how long to listen again.
const (
	leaveWithin   = window + 15*time.Second
	restartWithin = 30 * time.Second
)

// breakAll follows the script, and returns when all is mended.
func (r *round) breakAll(ctx context.Context) {
	var breaking sync.WaitGroup
	for i, s := range script(r.seed, r.o.duration, r.o.broker, r.o.nodes) {
		wait(ctx, s.at+r.loaded-r.now())
		if ctx.Err() != nil {
			break
		}
		random := rand.New(rand.NewPCG(r.seed, uint64(10_000+i)))
		breaking.Go(func() { r.apply(ctx, s, random) })
	}
	wait(ctx, r.o.duration+r.loaded-r.now())
	breaking.Wait()
}

// apply does one step, and returns when it is mended.
func (r *round) apply(ctx context.Context, s step, random *rand.Rand) {
	if uses := r.nodesOf(&s); len(uses) > 0 {
		ok, release := r.claim(uses...)
		if !ok {
			return // the last step of this node has taken longer than it was meant to
		}
		defer release()
	}
	r.say("%s", s)
	share := link.Share{Of: s.share, Random: random}
	var node *cluster.Node
	if len(s.nodes) > 0 {
		node = r.cluster.Nodes[s.nodes[0]]
	}
	switch s.kind {
	case cutLinks:
		r.counts.cuts.Add(int64(node.Clients.Cut(share, s.hard)))
	case hop:
		for _, n := range r.cluster.Nodes {
			r.counts.cuts.Add(int64(n.Clients.Cut(share, s.hard)))
		}
	case pauseLinks:
		n, resume := node.Clients.Pause(share, s.last)
		r.counts.pauses.Add(int64(n))
		wait(ctx, s.last)
		resume()
	case delayLinks:
		slow(ctx, s.last, random, node.Clients)
	case refuseLinks:
		node.Clients.Refuse(true)
		wait(ctx, s.last)
		node.Clients.Refuse(false)
	case stopNode:
		r.counts.stops.Add(1)
		node.Pause()
		wait(ctx, s.last)
		node.Continue()
	case killNode, leaveNode:
		r.restart(ctx, s.last, s.kind == killNode, node)
	case churn:
		r.crowd.leave(s.count)
		r.crowd.join(ctx, s.count)
	default:
		r.counts.broker.Add(1)
		r.breakBroker(ctx, s, node, random)
	}
}

// nodesOf are the nodes that a step must have to itself.
func (r *round) nodesOf(s *step) []*cluster.Node {
	var nodes []*cluster.Node
	for _, i := range s.uses(r.o.broker, r.o.nodes) {
		if i < len(r.cluster.Nodes) {
			nodes = append(nodes, r.cluster.Nodes[i])
		}
	}
	return nodes
}

// breakBroker does a step that is about a broker.
func (r *round) breakBroker(ctx context.Context, s step, node *cluster.Node, random *rand.Rand) {
	switch s.kind {
	case cutBroker:
		for _, l := range node.Broker {
			l.Cut(link.All, s.hard)
		}
	case pauseBroker:
		for _, l := range node.Broker {
			_, resume := l.Pause(link.All, s.last)
			defer resume()
		}
		wait(ctx, s.last)
	case delayBroker:
		slow(ctx, s.last, random, node.Broker...)
	case refuseBroker:
		for _, l := range node.Broker {
			l.Refuse(true)
			l.Cut(link.All, s.hard)
		}
		wait(ctx, s.last)
		for _, l := range node.Broker {
			l.Refuse(false)
		}
	case stopBroker:
		if redis := r.cluster.Redis; redis != nil {
			redis.Pause()
			wait(ctx, s.last)
			redis.Continue()
		}
	case killBroker, leaveBroker:
		if r.cluster.Redis != nil {
			r.restartRedis(ctx, s.last, s.kind == killBroker)
			return
		}
		var nodes []*cluster.Node
		for _, i := range s.nodes {
			nodes = append(nodes, r.cluster.Nodes[i])
		}
		r.restart(ctx, s.last, s.kind == killBroker, nodes...)
	}
}

// slow delays links for a while.
func slow(ctx context.Context, last time.Duration, random *rand.Rand, links ...*link.Link) {
	d := time.Duration(5+random.IntN(60)) * time.Millisecond
	for _, l := range links {
		l.Delay(d)
	}
	wait(ctx, last)
	for _, l := range links {
		l.Delay(0)
	}
}

// restart ends nodes, at once, and starts them again after a while.
func (r *round) restart(ctx context.Context, after time.Duration, hard bool, nodes ...*cluster.Node) {
	var ending sync.WaitGroup
	for _, n := range nodes {
		ending.Go(func() {
			if hard {
				r.counts.kills.Add(1)
				n.Kill()
				return
			}
			r.counts.leaves.Add(1)
			if err := n.Terminate(leaveWithin, nil); err != nil {
				r.found("leave", "%v", err)
			}
		})
	}
	ending.Wait()
	wait(ctx, after)
	starting, cancel := context.WithTimeout(ctx, restartWithin)
	defer cancel()
	began := r.now()
	if err := r.cluster.StartNodes(starting, nodes...); err != nil && ctx.Err() == nil {
		r.found("start", "%v", err)
	}
	for _, n := range nodes {
		r.say("%s listens again after %s", n.Name, (r.now() - began).Round(time.Millisecond))
	}
}

// restartRedis ends redis-server, and starts it again after a while.
func (r *round) restartRedis(ctx context.Context, after time.Duration, hard bool) {
	redis := r.cluster.Redis
	if hard {
		redis.Kill()
	} else if err := redis.Terminate(leaveWithin); err != nil {
		r.found("leave", "%v", err)
	}
	wait(ctx, after)
	starting, cancel := context.WithTimeout(ctx, restartWithin)
	defer cancel()
	if err := redis.Start(starting); err != nil && ctx.Err() == nil {
		r.found("start", "%v", err)
	}
	r.say("redis-server answers again")
}
