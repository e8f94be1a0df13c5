package main

import (
	"fmt"
	"slices"

	"github.com/livetopics/live/bench/internal/load"
	"github.com/livetopics/live/bench/internal/report"
)

// allServers are the folders of servers/, ours first and the floor last.
var allServers = []string{"live", "gws", "gorilla", "melody", "nbio", "coder", "centrifuge", "limit"}

// plan is what to measure.
type plan struct {
	rounds    int
	quick     bool
	servers   []string
	scenarios []string
	baseline  string // the folder of another checkout of the library, "" for none
}

func (p plan) check() error {
	for _, s := range p.servers {
		if !slices.Contains(allServers, s) {
			return fmt.Errorf("bench: %q is none of the servers %v", s, allServers)
		}
	}
	if p.baseline != "" && !slices.Contains(p.servers, report.Ours) {
		return fmt.Errorf("bench: a baseline is for comparison with %s, which is not measured", report.Ours)
	}
	for _, s := range p.scenarios {
		if !slices.Contains(load.Scenarios, s) {
			return fmt.Errorf("bench: %q is none of the scenarios %v", s, load.Scenarios)
		}
	}
	if p.rounds < 1 || p.rounds > 100 {
		return fmt.Errorf("bench: %d rounds: at least 1, at most 100", p.rounds)
	}
	return nil
}

// columns are the servers, the baseline right after ours.
func (p plan) columns() []string {
	if p.baseline == "" {
		return p.servers
	}
	return slices.Insert(slices.Clone(p.servers), slices.Index(p.servers, report.Ours)+1, report.Baseline)
}

// job is one sample to take.
type job struct {
	server, scenario string
	round            int
}

// jobs lists the samples in the order in which they are taken: round by round, so that whatever changes
// on the machine changes for all; and each round begins with another server, so that none always comes
// first.
func (p plan) jobs() []job {
	var jobs []job
	servers := p.columns()
	for round := range p.rounds {
		for _, scenario := range p.scenarios {
			for i := range servers {
				server := servers[(i+round)%len(servers)]
				jobs = append(jobs, job{server: server, scenario: scenario, round: round + 1})
			}
		}
	}
	return jobs
}
