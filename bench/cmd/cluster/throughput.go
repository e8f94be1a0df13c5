package main

import (
	"fmt"
	"time"

	"github.com/livetopics/live/bench/internal/external"
	"github.com/livetopics/live/bench/internal/load"
	"github.com/livetopics/live/bench/internal/process"
	"github.com/livetopics/live/bench/internal/rows"
)

// frameBytes is the length of a delivery on the wire, head included, with a number of five digits where it has one.
const frameBytes = 170

// figure is what a run of the load generator yields for one row.
type figure struct {
	name  string
	limit rows.Limit
	of    func(load.Result) float64
}

// figures are the rows of each scenario.
var figures = map[string][]figure{
	"saturated": {
		{"CPU of both nodes, µs per delivery", rows.AtMostTimes(0.6), func(r load.Result) float64 { return r.ServerCPU }},
		{"deliveries per second", rows.Limit{}, func(r load.Result) float64 { return r.PerSecond }},
		{"latency p50, ms", rows.Limit{}, func(r load.Result) float64 { return r.Latency.P50 / 1000 }},
		{"latency p99, ms", rows.AtMostTimes(1), func(r load.Result) float64 { return r.Latency.P99 / 1000 }},
		{"CPU of the broker, µs per publication", rows.Limit{}, func(r load.Result) float64 { return r.BrokerCPU }},
	},
	"paced": {
		{"CPU of both nodes, µs per delivery", rows.AtMostTimes(0.6), func(r load.Result) float64 { return r.ServerCPU }},
		{"latency p50, ms", rows.Limit{}, func(r load.Result) float64 { return r.Latency.P50 / 1000 }},
		{"latency p99, ms", rows.AtMostTimes(1), func(r load.Result) float64 { return r.Latency.P99 / 1000 }},
		{"CPU of the broker, µs per publication", rows.Limit{}, func(r load.Result) float64 { return r.BrokerCPU }},
	},
}

// throughput loads two nodes with subscribers of one topic and publishers on one of them, or on both.
func (b *bench) throughput(e engine) error {
	for _, scenario := range []string{"saturated", "paced"} {
		for publishers, on := range []string{1: "one node", 2: "both"} {
			if publishers == 0 {
				continue
			}
			for _, server := range e.servers() {
				r, err := b.load(e, server, scenario, publishers)
				if err != nil {
					return fmt.Errorf("publishing on %s: %w", on, err)
				}
				b.noted(r)
				for _, f := range figures[scenario] {
					name := fmt.Sprintf("%s, %s, publishing on %s: %s", e.name, scenario, on, f.name)
					add(b.rows.Row(name, e.against(), e.limit(f)), server, f.of(r))
				}
			}
		}
	}
	return nil
}

// servers are those that have the engine.
func (e engine) servers() []string {
	if e.peer {
		return []string{ours, theirs}
	}
	return []string{ours}
}

// against is what ours is compared with on the engine, "" for nothing.
func (e engine) against() string {
	if e.peer {
		return "centrifuge"
	}
	return ""
}

// limit is the figure's target, where there is something to compare with.
func (e engine) limit(f figure) rows.Limit {
	if e.peer {
		return f.limit
	}
	return rows.Limit{}
}

// load runs a scenario on two fresh nodes of a server.
func (b *bench) load(e engine, server, scenario string, publishers int) (r load.Result, err error) {
	config := load.Config{
		Sessions: b.scaled(2000), FrameBytes: frameBytes - e.tail(server), Window: 64, Rate: 30, Bursts: 1,
		Duration: min(b.length, 3*time.Second),
	}
	err = b.with(e, server, 2, func(broker *external.Broker, nodes []*process.Server) error {
		c := load.Cluster{Nodes: nodes, Publishers: publishers, BrokerPID: broker.PID, OneOrder: e.order}
		r, err = c.Run(scenario, config)
		return err
	})
	return r, err
}

// tail is the length of what the generator cuts off a server's deliveries: the number.
func (e engine) tail(server string) int {
	switch {
	case e.history == 0:
		return 0
	case server == ours:
		return len(`,"seq":12345}`)
	}
	return len(`,"offset":12345,"epoch":"pSMfPClG"}}}`)
}
