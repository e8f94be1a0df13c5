package main

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/livetopics/live/bench/internal/process"
)

// bin is the folder of the servers' binaries.
var bin string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	var err error
	if bin, err = os.MkdirTemp("", "topics"); err == nil {
		defer os.RemoveAll(bin)
		err = process.Build(bin, packages...)
	}
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		return 1
	}
	return m.Run()
}

// small is a run of a hundredth of everything.
func small() *bench {
	return &bench{dir: bin, serverCPU: process.AnyCPU, rounds: 1, part: 100, length: time.Second, age: 4 * time.Second}
}

func TestEverythingIsMeasured(t *testing.T) {
	for _, m := range measures {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			b := small()
			if err := m.run(b); err != nil {
				t.Fatal(err)
			}
			if len(b.rows.All()) == 0 {
				t.Error("there is no row")
			}
			for _, r := range b.rows.All() {
				if len(r.Live) != 1 || math.IsNaN(r.Live[0]) || math.IsInf(r.Live[0], 0) {
					t.Errorf("%s: %v", r.Name, r.Live)
				}
				if (r.Against == "") != (len(r.Other) == 0) {
					t.Errorf("%s: %v of %q", r.Name, r.Other, r.Against)
				}
			}
		})
	}
}

func TestWhatTheServersAnnounceIsWhatIsStarted(t *testing.T) {
	for _, server := range []string{ours, theirs} {
		if _, err := os.Stat(filepath.Join(bin, server)); err != nil {
			t.Error(err)
		}
	}
}

func TestUnknownMeasuresAreRefused(t *testing.T) {
	for _, c := range []struct {
		rounds int
		wanted []string
		ok     bool
	}{
		{1, nil, true},
		{3, []string{"store", "presence"}, true},
		{0, nil, false},
		{1, []string{"everything"}, false},
	} {
		if err := check(c.rounds, c.wanted); (err == nil) != c.ok {
			t.Errorf("%d rounds of %v: %v", c.rounds, c.wanted, err)
		}
	}
}
