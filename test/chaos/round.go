package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/livetopics/live/test/chaos/internal/cluster"
	"github.com/livetopics/live/test/chaos/internal/record"
)

// round is one run of a cluster.
type round struct {
	o       *options
	seed    uint64
	dir     string
	began   time.Time
	cluster *cluster.Cluster
	crowd   *crowd
	pubs    []*publisher
	counts  counts
	loaded  time.Duration // when publishers began

	cancel context.CancelFunc // ends the round early

	mu     sync.Mutex // guards what follows
	faults []record.Fault
	told   map[string]int         // faults of each rule
	busy   map[*cluster.Node]bool // nodes that a step has at the moment
}

// startWithin is how long a cluster may take to be ready at first.
const startWithin = 60 * time.Second

// now is how long the round has lasted.
func (r *round) now() time.Duration { return time.Since(r.began) }

// say prints a line.
func (r *round) say(format string, args ...any) {
	fmt.Printf("%8.2fs  %s\n", r.now().Seconds(), fmt.Sprintf(format, args...))
}

// mostFound is how many faults of a rule are kept.
const mostFound = 12

// found notes a fault.
func (r *round) found(rule, format string, args ...any) {
	f := record.Fault{Rule: rule, Text: fmt.Sprintf(format, args...)}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.told[rule]++; r.told[rule] > mostFound {
		return
	}
	r.say("FAULT %s", f)
	r.faults = append(r.faults, f)
}

// urls are the addresses of all nodes, for a user.
func (r *round) urls(user string) []string {
	var urls []string
	for _, n := range r.cluster.Nodes {
		urls = append(urls, n.URL(user))
	}
	return urls
}

// newRound makes one whose cluster does not run yet.
func newRound(o *options, seed uint64, program string) (*round, error) {
	dir, err := os.MkdirTemp("", fmt.Sprintf("live-chaos-%s-%d-", o.broker, seed))
	if err != nil {
		return nil, fmt.Errorf("making a folder for logs and data: %w", err)
	}
	r := &round{
		o: o, seed: seed, dir: dir, began: time.Now(), cancel: func() {},
		told: map[string]int{}, busy: map[*cluster.Node]bool{},
	}
	r.crowd = &crowd{round: r, random: rand.New(rand.NewPCG(seed, 2))}
	r.cluster, err = cluster.New(cluster.Options{
		Broker: o.broker, Nodes: o.nodes, Dir: dir, Program: program, MayLose: o.mayLose, Lease: lease, Window: window,
		Crashed: r.crashed,
	})
	return r, err
}

// crashed is told of a process that ended by itself: there is no use in going on.
func (r *round) crashed(text string) {
	r.found("crash", "%s", text)
	r.cancel()
}

// claim gets nodes for a step, if none is in the hands of another, and gives them back.
func (r *round) claim(nodes ...*cluster.Node) (ok bool, release func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range nodes {
		if r.busy[n] {
			return false, nil
		}
	}
	for _, n := range nodes {
		r.busy[n] = true
	}
	return true, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, n := range nodes {
			delete(r.busy, n)
		}
	}
}

// run runs the round, and returns its faults.
func (r *round) run(ctx context.Context) []record.Fault {
	defer r.cluster.Close()
	ctx, r.cancel = context.WithCancel(ctx)
	defer r.cancel()
	r.say("logs and data are in %s", r.dir)
	starting, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	if err := r.cluster.Start(starting); err != nil {
		r.found("start", "%v", err)
		return r.faults
	}
	r.say("%d nodes are ready", len(r.cluster.Nodes))
	r.pubs = r.newPublishers()
	r.crowd.join(ctx, r.o.clients)
	r.say("%d clients are subscribed", r.o.clients)
	r.load(ctx)
	if ctx.Err() == nil {
		r.settle(ctx)
	}
	r.crowd.close()
	for _, p := range r.pubs {
		p.client.Close()
	}
	if ctx.Err() != nil {
		r.found("interrupted", "%v", ctx.Err())
	}
	for _, alarm := range r.cluster.Alarms() {
		r.found("alarm", "%s", alarm)
	}
	return r.faults
}

// load has publishers publish while things break.
func (r *round) load(ctx context.Context) {
	r.loaded = r.now()
	publishing, stop := context.WithCancel(ctx)
	every := time.Second * time.Duration(len(r.pubs)) / time.Duration(r.o.rate)
	var running sync.WaitGroup
	for _, p := range r.pubs {
		running.Go(func() { p.publishOn(publishing, every) })
	}
	switch {
	case r.o.rolling:
		r.roll(ctx)
	case r.o.away:
		r.goAway(ctx)
	default:
		r.breakAll(ctx)
	}
	stop()
	r.say("nothing breaks any more")
	running.Wait()
	r.say("the last publication is answered")
}

// end removes what a good round leaves.
func (r *round) end(good bool) {
	if good && !r.o.keep {
		os.RemoveAll(r.dir)
		return
	}
	fmt.Println("logs and data are kept in", filepath.Clean(r.dir))
}
