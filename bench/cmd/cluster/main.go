// Command cluster measures several nodes of one server on a broker between them, redis-server and nats-server: what a
// delivery costs and how long it takes, beside centrifuge where it has the same; what a topic costs nodes that
// have no subscriber of it; and how long a node with 100,000 topics takes to subscribe, to find back after its
// broker was away, and to recover as another process. All nodes are tied to one processor, this program and
// the broker to another. Clients check what they get, and the program fails where that is not what they should
// have. It prints one Markdown table of medians, ratios and targets.
//
// Run it in its module's folder, all of it or some, by the names of what is measured and of brokers:
//
//	go run ./cmd/cluster -rounds 3
//	go run ./cmd/cluster throughput nats
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/livetopics/live/bench/internal/process"
)

// binDir is where the binaries go, below the module's folder.
const binDir = "bin"

// brokers are the names by which one broker alone can be asked for.
var brokers = []string{"redis", "nats"}

func main() {
	quick := flag.Bool("quick", false, "a tenth of everything, one round: does it work?")
	rounds := flag.Int("rounds", 3, "`number` of times that everything is measured; with -quick, 1")
	profile := flag.String("profile", "", "`address` where one of our nodes serves profiles, none by default")
	flag.Parse()
	b := &bench{dir: binDir, rounds: *rounds, part: 1, length: 3 * time.Second, away: 2 * time.Second, profile: *profile}
	if *quick {
		b.rounds, b.part, b.length, b.away = 1, 10, 500*time.Millisecond, 500*time.Millisecond
	}
	if err := run(b, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run measures what is wanted, nothing being all, and prints the table: where something failed, what there was
// before.
func run(b *bench, wanted []string) error {
	if err := check(b.rounds, wanted); err != nil {
		return err
	}
	if err := process.Build(b.dir, packages...); err != nil {
		return err
	}
	var err error
	if b.serverCPU, err = process.Apart(); err != nil {
		return err
	}
	started := time.Now()
	err = b.all(wanted)
	fmt.Printf("%s\nRounds: %d; figures are their medians, the lowest and the highest in brackets; %v in all.\n"+
		"The generator was busy for %.0f %% of its processor at most, what does not belong here for %.0f %% of one.\n",
		b.rows.Table(b.part > 1), b.rounds, time.Since(started).Round(time.Second), 100*b.busiest, 100*b.others)
	return err
}

// all measures everything that is wanted, as often as there are rounds, until something fails.
func (b *bench) all(wanted []string) error {
	for round := range b.rounds {
		for _, m := range measures {
			if !chosen(wanted, m.name, measureNames()) {
				continue
			}
			for _, e := range engines {
				if !chosen(wanted, e.broker(), brokers) || m.stored && e.history == 0 {
					continue
				}
				fmt.Fprintf(os.Stderr, "round %d of %d: %s on %s\n", round+1, b.rounds, m.name, e.name)
				if err := m.run(b, e); err != nil {
					return fmt.Errorf("%s: %w", m.name, err)
				}
			}
		}
	}
	return nil
}

func measureNames() (names []string) {
	for _, m := range measures {
		names = append(names, m.name)
	}
	return names
}

// chosen tells whether name is wanted: it is named, or none of its kind is.
func chosen(wanted []string, name string, kind []string) bool {
	return slices.Contains(wanted, name) ||
		!slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(kind, w) })
}

func check(rounds int, wanted []string) error {
	if rounds < 1 || rounds > 100 {
		return fmt.Errorf("cluster: %d rounds: at least 1, at most 100", rounds)
	}
	known := append(measureNames(), brokers...)
	for _, name := range wanted {
		if !slices.Contains(known, name) {
			return fmt.Errorf("cluster: %q is none of %v", name, known)
		}
	}
	return nil
}
