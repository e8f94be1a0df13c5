package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
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
		err = build(bin)
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
			if len(b.rows) == 0 {
				t.Error("there is no row")
			}
			for _, r := range b.rows {
				if len(r.live) != 1 || math.IsNaN(r.live[0]) || math.IsInf(r.live[0], 0) {
					t.Errorf("%s: %v", r.name, r.live)
				}
				if (r.against == "") != (len(r.other) == 0) {
					t.Errorf("%s: %v of %q", r.name, r.other, r.against)
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

func TestTargetsAreJudgedByMedians(t *testing.T) {
	for _, c := range []struct {
		live, other []float64
		limit       limit
		part        int
		want        string
	}{
		{[]float64{3, 1, 9}, []float64{6, 5, 7}, atMostTimes(0.5), 1, "| 3.00 (1.00 to 9.00) | them: 6.00 (5.00 to 7.00) | 0.500× | ≤ 0.500×: reached |"},
		{[]float64{4}, []float64{6}, atMostTimes(0.5), 1, "| 4.00 | them: 6.00 | 0.667× | ≤ 0.500×: **NOT reached** |"},
		{[]float64{4}, []float64{6}, atMostTimes(0.5), 10, "≤ 0.500×: not judged |"},
		{[]float64{150}, nil, atMost(150), 1, "| 150 |  |  | ≤ 150: reached |"},
		{[]float64{151}, nil, atMost(150), 1, "| 151 |  |  | ≤ 150: **NOT reached** |"},
		{[]float64{2}, []float64{1}, limit{}, 1, "| 2.00 | them: 1.00 | 2.00× |  |"},
	} {
		b := &bench{part: c.part}
		r := b.row("it", "them", c.limit)
		r.live, r.other = c.live, c.other
		if got := b.table(); !strings.Contains(got, c.want) {
			t.Errorf("%q is not in\n%s", c.want, got)
		}
	}
}
