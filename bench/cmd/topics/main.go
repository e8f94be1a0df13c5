// Command topics measures what topics with rules cost: history while publishing, recovery, subscriptions,
// stored publications, presence; beside centrifuge where it has the same. Every sample has a server process
// of its own, tied to one processor, and this program to another; what a server costs is read from
// the kernel. Clients check what they get, and the program fails where that is not what they should have.
// It prints one Markdown table of medians, ratios and targets.
//
// Run it in its module's folder, all of it or some:
//
//	go run ./cmd/topics -rounds 5
//	go run ./cmd/topics recovery store
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/livetopics/live/bench/internal/process"
)

// binDir is where the servers' binaries go, below the module's folder.
const binDir = "bin"

func main() {
	quick := flag.Bool("quick", false, "a tenth of everything, one round: does it work?")
	rounds := flag.Int("rounds", 3, "`number` of times that everything is measured; with -quick, 1")
	flag.Parse()
	b := &bench{dir: binDir, rounds: *rounds, part: 1, length: 10 * time.Second, age: 40 * time.Second}
	if *quick {
		b.rounds, b.part, b.length, b.age = 1, 10, 3*time.Second, 8*time.Second
	}
	if err := run(b, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run measures what is wanted, nothing being all, and prints the table.
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
	for round := range b.rounds {
		for _, m := range measures {
			if len(wanted) > 0 && !slices.Contains(wanted, m.name) {
				continue
			}
			fmt.Fprintf(os.Stderr, "round %d of %d: %s\n", round+1, b.rounds, m.name)
			if err := m.run(b); err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
		}
	}
	fmt.Printf("%s\nRounds: %d; figures are their medians, the lowest and the highest in brackets; %v in all.\n",
		b.rows.Table(b.part > 1), b.rounds, time.Since(started).Round(time.Second))
	return nil
}

func check(rounds int, wanted []string) error {
	if rounds < 1 || rounds > 100 {
		return fmt.Errorf("topics: %d rounds: at least 1, at most 100", rounds)
	}
	for _, name := range wanted {
		if !slices.ContainsFunc(measures, func(m measure) bool { return m.name == name }) {
			return fmt.Errorf("topics: %q is not something to measure", name)
		}
	}
	return nil
}
