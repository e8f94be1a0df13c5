package report

import (
	"fmt"
	"slices"
	"strings"
)

// target is one claim about a figure of ours.
type target struct {
	figure figure
	judge  func(r Run, f figure, ours float64) string
}

// targets are the project's, in the order of the rows.
var targets = []target{
	{memory, atMost(700)},
	{saturatedCPU, ofPeer("centrifuge", 1.0/3, "1/3")},
	{saturatedCPU, ofPeer("gws", 1.0/12, "1/12")},
	{saturatedCPU, ofPeer("gorilla", 1.0/12, "1/12")},
	{pacedCPU, ofPeer("gws", 0.80, "0.80")},
	{pacedCPU, ofPeer("centrifuge", 0.70, "0.70")},
	{pacedCPU, ofPeer(Floor, 1.15, "1.15")},
	{pacedP99, noWorseThanBest},
	{lastP50, everybody},
}

// judge returns what the targets say about f, "" where none does.
func (r Run) judge(f figure) string {
	var verdicts []string
	for _, t := range targets {
		if t.figure.name != f.name {
			continue
		}
		if slices.ContainsFunc(r.failures(), func(s Sample) bool { return s.Server == Ours && s.Scenario == f.scenario }) {
			return "**NOT reached**: a run of " + Ours + " failed"
		}
		ours, ok := r.median(f, Ours)
		switch {
		case !ok:
			return "not judged: " + Ours + " was not run"
		case r.Quick:
			return "not judged: too small a run"
		}
		verdicts = append(verdicts, t.judge(r, f, ours))
	}
	return strings.Join(verdicts, "<br>")
}

func verdict(reached bool, what string, is float64) string {
	if reached {
		return fmt.Sprintf("%s: reached, %s", what, Short(is))
	}
	return fmt.Sprintf("%s: **NOT reached**, %s", what, Short(is))
}

// atMost wants the figure itself to be limit or less.
func atMost(limit float64) func(Run, figure, float64) string {
	return func(_ Run, _ figure, ours float64) string {
		return verdict(ours <= limit, "≤ "+Short(limit), ours)
	}
}

// ofPeer wants ours to be at most share, written as text, of another server's.
func ofPeer(peer string, share float64, text string) func(Run, figure, float64) string {
	return func(r Run, f figure, ours float64) string {
		theirs, ok := r.median(f, peer)
		if !ok || theirs <= 0 {
			return fmt.Sprintf("≤ %s of %s: not judged, there is no figure of %s", text, peer, peer)
		}
		return verdict(ours <= share*theirs, fmt.Sprintf("≤ %s of %s", text, peer), ours/theirs)
	}
}

// noWorseThanBest wants ours to be at most the lowest of all peers.
func noWorseThanBest(r Run, f figure, ours float64) string {
	name, best, ok := r.bestPeer(f)
	if !ok || best <= 0 {
		return "≤ the best peer's: not judged, no peer was run"
	}
	return verdict(ours <= best, fmt.Sprintf("≤ the best peer's (%s, %s)", name, Short(best)), ours)
}

// everybody wants what a sample without an error shows: every delivery and every answer came.
func everybody(Run, figure, float64) string {
	return "all have it, no queue overflows, others are answered: reached"
}
