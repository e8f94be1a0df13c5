// Command topics measures what topics with rules cost: history while publishing, recovery, subscriptions,
// stored publications, presence; beside centrifuge where it has the same. Every server is a process of its
// own, tied to one processor; what it costs is read from the kernel. Clients check what they get.
//
// Run it in its module's folder, all of it or some:
//
//	go run ./cmd/topics
//	go run ./cmd/topics recovery store
package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/livetopics/live/bench/internal/process"
)

// binDir is where the servers' binaries go, below the module's folder.
const binDir = "bin"

var (
	quick  = flag.Bool("quick", false, "a tenth of everything: does it work?")
	rounds = flag.Int("rounds", 3, "`number` of times that each is measured; figures are medians")
)

// measures are what can be measured, in order.
var measures = []struct {
	name string
	run  func() error
}{
	{"history", history}, {"recovery", recovery}, {"subscriptions", subscriptions}, {"store", store}, {"presence", presence},
}

func main() {
	flag.Parse()
	if err := run(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(wanted []string) error {
	if err := os.MkdirAll(binDir, 0o755); err != nil {
		return fmt.Errorf("topics: %w", err)
	}
	build := exec.Command("go", "build", "-o", binDir+string(filepath.Separator), "./servers/topics", "./servers/topics-centrifuge")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("topics: building the servers, in this module's folder: %w", err)
	}
	for _, m := range measures {
		if len(wanted) > 0 && !slices.Contains(wanted, m.name) {
			continue
		}
		if err := m.run(); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// scaled is n, or a tenth of it in a quick run.
func scaled(n int) int {
	if *quick {
		return max(n/10, 1)
	}
	return n
}

// start starts a server on the first processor.
func start(name string, args ...string) (*process.Server, error) {
	cpus, err := process.CPUs()
	if err != nil {
		return nil, err
	}
	return process.Start(filepath.Join(binDir, name), cpus[0], args...)
}

// median of what the rounds gave.
func median[T cmp.Ordered](list []T) T {
	list = slices.Clone(list)
	slices.Sort(list)
	return list[len(list)/2]
}
