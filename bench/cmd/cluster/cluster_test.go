package main

import (
	"math"
	"os"
	"testing"
	"time"

	"github.com/livetopics/live/bench/internal/process"
)

// bin is the folder of the binaries.
var bin string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	var err error
	if bin, err = os.MkdirTemp("", "cluster"); err == nil {
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
	return &bench{
		dir: bin, serverCPU: process.AnyCPU, rounds: 1, part: 100,
		length: 100 * time.Millisecond, away: 100 * time.Millisecond,
	}
}

// What needs Redis is left to the command itself: here every broker is a Go program.
func TestEverythingIsMeasuredOnNATS(t *testing.T) {
	for _, m := range measures {
		for _, e := range engines {
			if e.redis || m.stored && e.history == 0 {
				continue
			}
			t.Run(m.name+"/"+e.name, func(t *testing.T) {
				t.Parallel()
				measured(t, m, e)
			})
		}
	}
}

func measured(t *testing.T, m measure, e engine) {
	t.Helper()
	b := small()
	if err := m.run(b, e); err != nil {
		t.Fatal(err)
	}
	if rows := b.rows.All(); len(rows) == 0 {
		t.Error("there is no row")
	}
	for _, r := range b.rows.All() {
		if len(r.Live) != 1 || math.IsNaN(r.Live[0]) || math.IsInf(r.Live[0], 0) || r.Live[0] < 0 {
			t.Errorf("%s: %v", r.Name, r.Live)
		}
		if (r.Against == "") != (len(r.Other) == 0) {
			t.Errorf("%s: %v of %q", r.Name, r.Other, r.Against)
		}
	}
}

func TestWhatIsMeasuredCanBeChosen(t *testing.T) {
	for _, c := range []struct {
		rounds int
		wanted []string
		ok     bool
	}{
		{1, nil, true},
		{3, []string{"topics", "nats"}, true},
		{0, nil, false},
		{1, []string{"everything"}, false},
	} {
		if err := check(c.rounds, c.wanted); (err == nil) != c.ok {
			t.Errorf("%d rounds of %v: %v", c.rounds, c.wanted, err)
		}
	}
	for _, c := range []struct {
		wanted []string
		name   string
		want   bool
	}{
		{nil, "topics", true},
		{[]string{"nats"}, "topics", true},
		{[]string{"topics"}, "topics", true},
		{[]string{"elsewhere", "nats"}, "topics", false},
	} {
		if got := chosen(c.wanted, c.name, measureNames()); got != c.want {
			t.Errorf("%s of %v: %v", c.name, c.wanted, got)
		}
	}
}
