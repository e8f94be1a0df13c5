// Command bench measures this project beside its peers: it builds every server and the generator, runs
// every scenario against every server in several interleaved rounds, the server tied to one processor and
// the generator to another, and prints one Markdown table of medians, ratios and targets. Every sample
// goes to results/ as a line of JSON. It fails when a delivery was missing, doubled or out of order, when
// a server died, and when a figure cannot be true.
//
// Run it in its module's folder:
//
//	go run ./cmd/bench -rounds 5 -servers live,gws,limit -scenarios saturated,paced
//	go run ./cmd/bench -rounds 9 -servers live -baseline ../../live-before
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/livetopics/live/bench/internal/load"
	"github.com/livetopics/live/bench/internal/process"
	"github.com/livetopics/live/bench/internal/report"
)

func main() {
	rounds := flag.Int("rounds", 5, "`number` of times that everything is measured; with -quick, 1")
	servers := flag.String("servers", strings.Join(allServers, ","), "`names`, separated by commas")
	scenarios := flag.String("scenarios", strings.Join(load.Scenarios, ","), "`names`, separated by commas")
	baseline := flag.String("baseline", "", "`folder` of another checkout of the library, to be measured beside this one")
	quick := flag.Bool("quick", false, "a tenth of the sessions, a shorter time, one round: does everything work?")
	flag.Parse()
	if *quick {
		*rounds = 1
	}
	err := measure(plan{
		rounds: *rounds, quick: *quick, baseline: *baseline,
		servers: strings.Split(*servers, ","), scenarios: strings.Split(*scenarios, ","),
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// measure carries out the plan and prints its table.
func measure(p plan) error {
	if err := p.check(); err != nil {
		return err
	}
	if err := build(p.servers); err != nil {
		return err
	}
	if p.baseline != "" {
		if err := buildBaseline(p.baseline); err != nil {
			return err
		}
	}
	serverCPU, generatorCPU, err := processors()
	if err != nil {
		return err
	}
	out, err := newResults(time.Now())
	if err != nil {
		return err
	}
	defer out.Close()

	run := report.Run{Servers: p.columns(), Quick: p.quick}
	start := time.Now()
	jobs := p.jobs()
	for i, j := range jobs {
		fmt.Fprintf(os.Stderr, "%3d of %d  %s, %s, round %d\n", i+1, len(jobs), j.server, j.scenario, j.round)
		s := j.sample(p.quick, serverCPU, generatorCPU)
		if s.Error != "" {
			fmt.Fprintf(os.Stderr, "FAILED: %s\n", s.Error)
		}
		if err := out.add(s); err != nil {
			return err
		}
		run.Samples = append(run.Samples, s)
	}
	fmt.Printf("%s%s\nRounds: %d, on %s, %s; each figure is their median; server tied to processor %d, generator to %d; in brackets, how many times\n"+
		"live's figure. %v in all. Samples: %s\n",
		run.Table(), run.Changes(), p.rounds, runtime.GOARCH, runtime.Version(), serverCPU, generatorCPU,
		time.Since(start).Round(time.Second), out.Name())
	if broken := run.Broken(); broken != nil {
		return fmt.Errorf("\nthe run is broken:\n- %s", strings.Join(broken, "\n- "))
	}
	return nil
}

// processors chooses one processor for the server and another for the generator: the last two, since
// interrupts like the first. With a single one both share it, and say so.
func processors() (server, generator int, err error) {
	cpus, err := process.CPUs()
	if err != nil {
		return 0, 0, err
	}
	if len(cpus) < 2 {
		fmt.Fprintln(os.Stderr, "one processor alone: server and generator share it, and the figures of both suffer")
		return cpus[0], cpus[0], nil
	}
	return cpus[len(cpus)-1], cpus[len(cpus)-2], nil
}
