// Package servers_test runs every server under a small load, so that the bench stays alive between the
// times somebody measures with it.
package servers_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/livetopics/live/bench/internal/load"
	"github.com/livetopics/live/bench/internal/process"
)

// bin is the folder of the servers' binaries.
var bin string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if bin, err = os.MkdirTemp("", "bench"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(bin)
	build := exec.Command("go", "build", "-o", bin, "./...")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "building the servers:", err)
		return 1
	}
	return m.Run()
}

// small is a load of a fraction of a second.
var small = load.Config{
	Sessions: 50, FrameBytes: 170, Window: 64, Rate: 60, Duration: 100 * time.Millisecond, Bursts: 2,
}

// measure runs one scenario against a server of its own, which must end well afterwards.
func measure(t *testing.T, server, scenario string) load.Result {
	t.Helper()
	s, err := process.Start(filepath.Join(bin, server), process.AnyCPU)
	if err != nil {
		t.Fatal(err)
	}
	result, err := load.Run(s, scenario, small)
	if err != nil {
		t.Error(err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	return result
}

func TestEveryServerDeliversAllInOrder(t *testing.T) {
	folders, err := filepath.Glob("*/main.go")
	if err != nil || len(folders) < 8 {
		t.Fatalf("found the servers %v, error %v", folders, err)
	}
	for _, main := range folders {
		server := filepath.Dir(main)
		for _, scenario := range []string{"saturated", "paced", "fanout"} {
			t.Run(server+"/"+scenario, func(t *testing.T) {
				t.Parallel()
				r := measure(t, server, scenario)
				if r.Publications == 0 || r.Deliveries != r.Publications*uint64(small.Sessions) || r.ServerCPU <= 0 {
					t.Errorf("%d publications made %d deliveries at %v µs", r.Publications, r.Deliveries, r.ServerCPU)
				}
			})
		}
	}
}

func TestMemoryOfIdleSessionsIsMeasured(t *testing.T) {
	for _, server := range []string{"live", "gorilla"} {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			r := measure(t, server, "idle")
			if r.BaselineBytes <= 0 || r.SessionBytes <= 0 {
				t.Errorf("%.0f bytes per session over a baseline of %d", r.SessionBytes, r.BaselineBytes)
			}
		})
	}
}
