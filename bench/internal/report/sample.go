package report

import (
	"cmp"
	"slices"

	"github.com/livetopics/live/bench/internal/load"
)

// Names of servers that mean something here.
const (
	Ours     = "live"     // what all others are compared with
	Baseline = "baseline" // ours as it was, from another checkout; no peer
	Floor    = "limit"    // the loop of plain writes, which is no peer
)

// Sample is one scenario run against one server, once: a result, or why there is none.
type Sample struct {
	Server      string `json:"server"`          // by the name of its folder
	Round       int    `json:"round"`           // from 1
	Error       string `json:"error,omitempty"` // "" where there is a result
	load.Result        // of which only Scenario is set where there is none
}

// Run is all samples of one table.
type Run struct {
	Servers []string // in the order of the columns
	Quick   bool     // too small to be judged
	Samples []Sample
}

// values lists what f measured on server, one per round, in ascending order.
func (r Run) values(f figure, server string) []float64 {
	var values []float64
	for _, s := range r.Samples {
		if s.Server == server && s.Scenario == f.scenario && s.Error == "" {
			values = append(values, f.of(s.Result))
		}
	}
	slices.Sort(values)
	return values
}

// median returns the median of f on server; ok is false where no round has it.
func (r Run) median(f figure, server string) (m float64, ok bool) {
	return Median(r.values(f, server))
}

// Median returns the middle of sorted values, or the mean of the two in the middle.
func Median(sorted []float64) (m float64, ok bool) {
	n := len(sorted)
	if n == 0 {
		return 0, false
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2, true
}

// failures are the samples without a result.
func (r Run) failures() []Sample {
	return slices.DeleteFunc(slices.Clone(r.Samples), func(s Sample) bool { return s.Error == "" })
}

// bestPeer returns the server with the lowest median of f among the peers.
func (r Run) bestPeer(f figure) (server string, m float64, ok bool) {
	type peer struct {
		name   string
		median float64
	}
	var peers []peer
	for _, name := range r.Servers {
		if m, ok := r.median(f, name); ok && name != Ours && name != Baseline && name != Floor {
			peers = append(peers, peer{name, m})
		}
	}
	if len(peers) == 0 {
		return "", 0, false
	}
	best := slices.MinFunc(peers, func(a, b peer) int { return cmp.Compare(a.median, b.median) })
	return best.name, best.median, true
}
