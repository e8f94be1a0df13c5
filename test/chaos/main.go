package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
)

// nodePackage is the program of a node.
const nodePackage = "github.com/livetopics/live/test/chaos/node"

func main() {
	o, err := parseOptions()
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	bad, err := runAll(ctx, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(2)
	}
	if bad > 0 {
		os.Exit(1)
	}
}

// runAll runs the rounds, and returns how many were bad.
func runAll(ctx context.Context, o *options) (bad int, err error) {
	dir, err := os.MkdirTemp("", "live-chaos-node-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "node")
	if err := build(ctx, program, o.race); err != nil {
		return 0, err
	}
	for i := range o.rounds {
		seed := o.seed + uint64(i)
		fmt.Printf("%s on %s, seed %d, %s, %d clients, %d publications a second\n",
			o.mode(), o.broker, seed, o.duration, o.clients, o.rate)
		good, err := runOne(ctx, o, seed, program)
		if err != nil {
			return bad, err
		}
		if !good {
			bad++
		}
		if ctx.Err() != nil {
			break
		}
	}
	return bad, nil
}

// runOne runs one round, and tells how it went.
func runOne(ctx context.Context, o *options, seed uint64, program string) (good bool, err error) {
	r, err := newRound(o, seed, program)
	if err != nil {
		return false, err
	}
	faults := r.run(ctx)
	fmt.Printf("%s on %s, seed %d, after %s:\n%s\n", o.mode(), o.broker, seed, r.now().Round(1e8), &r.counts)
	r.end(len(faults) == 0)
	if len(faults) == 0 {
		fmt.Print("  good\n\n")
		return true, nil
	}
	fmt.Printf("  %d FAULTS\n", len(faults))
	for _, f := range faults {
		fmt.Println("   ", f)
	}
	fmt.Println()
	return false, nil
}

// build makes the node's program.
func build(ctx context.Context, program string, race bool) error {
	args := []string{"build", "-o", program}
	if race {
		args = append(args, "-race")
	}
	made, err := exec.CommandContext(ctx, "go", append(args, nodePackage)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("building the node: %w\n%s", err, made)
	}
	return nil
}
