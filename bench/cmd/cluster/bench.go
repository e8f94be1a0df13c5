package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/livetopics/live/bench/internal/external"
	"github.com/livetopics/live/bench/internal/load"
	"github.com/livetopics/live/bench/internal/process"
	"github.com/livetopics/live/bench/internal/rows"
)

// The servers, by the names of their folders.
const (
	ours   = "live-cluster"
	theirs = "centrifuge-cluster"
)

// module is where the servers are.
const module = "github.com/livetopics/live/bench/servers/cluster/"

// packages are what is built before anything is measured.
var packages = []string{module + ours, module + theirs, external.NATSPackage}

// bench is one run: how large everything is, and what came out so far.
type bench struct {
	dir       string // of the binaries
	serverCPU int
	rounds    int
	part      int           // everything is so many times smaller
	length    time.Duration // of what goes on for a time
	away      time.Duration // how long a broker cannot be reached
	profile   string        // address where one of our nodes serves profiles, "" for none
	rows      rows.Rows
	busiest   float64 // the generator's part of a core, at most so far
	others    float64 // the same of what does not belong here
}

// measure is one kind of thing to measure. It adds to its rows every time it is run.
type measure struct {
	name   string
	run    func(*bench, engine) error
	stored bool // with history alone
}

// measures are what can be measured, in order, each with every engine.
var measures = []measure{
	{name: "throughput", run: (*bench).throughput},
	{name: "elsewhere", run: (*bench).elsewhere},
	{name: "topics", run: (*bench).topics, stored: true},
}

// scaled is n in a run of full size.
func (b *bench) scaled(n int) int { return max(n/b.part, 1) }

// engine is what is between the nodes.
type engine struct {
	name    string
	redis   bool // else NATS
	history int  // how many publications the topic room remembers
	peer    bool // centrifuge has it too
	order   bool // all subscribers get what several publish in one order
}

// recorded is how many publications a topic with history remembers.
const recorded = 100

// engines are all that is measured.
var engines = []engine{
	{name: "Redis, with history", redis: true, history: recorded, peer: true, order: true},
	{name: "Redis, without history", redis: true, peer: true, order: true},
	{name: "NATS, with history", history: recorded, order: true},
	{name: "NATS, without history", peer: true},
}

// broker is the name of the engine's broker.
func (e engine) broker() string {
	if e.redis {
		return "redis"
	}
	return "nats"
}

// start starts the engine's broker. It shares this program's processor.
func (b *bench) start(e engine) (*external.Broker, error) {
	if e.redis {
		return external.Redis()
	}
	return external.NATS(filepath.Join(b.dir, "nats-server"))
}

// node starts one node of a server, with a broker at url; of ours, one that serves profiles, if it is profiled.
func (b *bench) node(server string, e engine, url string, profiled bool) (*process.Server, error) {
	args := []string{"-broker", url, "-history", strconv.Itoa(e.history)}
	if b.profile != "" && server == ours && profiled {
		args = append(args, "-pprof", b.profile)
	}
	return process.Start(filepath.Join(b.dir, server), b.serverCPU, args...)
}

// with starts a broker and n nodes of a server, has f use them, and ends all. A result from a node that died, or
// through a broker that did, is none.
func (b *bench) with(e engine, server string, n int, f func(*external.Broker, []*process.Server) error) (err error) {
	broker, err := b.start(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, broker.Stop()) }()
	var nodes []*process.Server
	defer func() {
		for _, s := range nodes {
			err = errors.Join(err, s.Stop())
		}
	}()
	for i := range n {
		s, err := b.node(server, e, broker.URL, n > 1 && i == 0)
		if err != nil {
			return fmt.Errorf("%s on %s: %w", server, e.name, err)
		}
		nodes = append(nodes, s)
	}
	if err := f(broker, nodes); err != nil {
		return fmt.Errorf("%s on %s: %w", server, e.name, err)
	}
	return nil
}

// noted keeps what says how far results can be trusted.
func (b *bench) noted(r load.Result) {
	b.busiest = max(b.busiest, r.GeneratorLoad)
	b.others = max(b.others, r.OthersLoad)
}

// add adds a value that server has.
func add(r *rows.Row, server string, value float64) {
	if server == ours {
		r.Live = append(r.Live, value)
	} else {
		r.Other = append(r.Other, value)
	}
}
