package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livetopics/live/bench/internal/report"
)

// row is one figure: a value per round of ours, and of what it is compared with.
type row struct {
	name    string
	against string // what it is compared with, "" for nothing
	live    []float64
	other   []float64
	limit   limit
}

// limit is a target: at most so much, or at most so many times the other. The zero limit is none.
type limit struct {
	most  float64
	times bool
}

func atMost(most float64) limit       { return limit{most: most} }
func atMostTimes(times float64) limit { return limit{most: times, times: true} }

// row returns the row of that name, a new one the first time.
func (b *bench) row(name, against string, l limit) *row {
	for _, r := range b.rows {
		if r.name == name {
			return r
		}
	}
	r := &row{name: name, against: against, limit: l}
	b.rows = append(b.rows, r)
	return r
}

// add adds a value that server has.
func (r *row) add(server string, value float64) {
	if server == ours {
		r.live = append(r.live, value)
	} else {
		r.other = append(r.other, value)
	}
}

// table returns all rows as Markdown.
func (b *bench) table() string {
	var t strings.Builder
	t.WriteString("| figure | live | beside it | live is | target |\n|---|---:|---:|---:|---|\n")
	for _, r := range b.rows {
		beside, ratio := "", ""
		if times, ok := r.times(); ok {
			beside, ratio = r.against+": "+spread(r.other), report.Short(times)+"×"
		}
		fmt.Fprintf(&t, "| %s | %s | %s | %s | %s |\n", r.name, spread(r.live), beside, ratio, r.verdict(b.part > 1))
	}
	return t.String()
}

// times is how many times the other's median ours is.
func (r *row) times() (times float64, ok bool) {
	mine, ok := report.Median(sorted(r.live))
	other, has := report.Median(sorted(r.other))
	if !ok || !has || other <= 0 {
		return 0, false
	}
	return mine / other, true
}

// verdict says whether the target is reached, if a run of full size has anything to say about it.
func (r *row) verdict(quick bool) string {
	value, ok := report.Median(sorted(r.live))
	unit := ""
	if r.limit.times {
		value, ok = r.times()
		unit = "×"
	}
	switch {
	case r.limit == limit{}:
		return ""
	case quick || !ok:
		return fmt.Sprintf("≤ %s%s: not judged", report.Short(r.limit.most), unit)
	case value <= r.limit.most:
		return fmt.Sprintf("≤ %s%s: reached", report.Short(r.limit.most), unit)
	}
	return fmt.Sprintf("≤ %s%s: **NOT reached**", report.Short(r.limit.most), unit)
}

// spread writes the median of values, and between which they lie.
func spread(values []float64) string {
	values = sorted(values)
	m, ok := report.Median(values)
	switch {
	case !ok:
		return "–"
	case len(values) == 1:
		return report.Short(m)
	}
	return fmt.Sprintf("%s (%s to %s)", report.Short(m), report.Short(values[0]), report.Short(values[len(values)-1]))
}

func sorted(values []float64) []float64 {
	values = slices.Clone(values)
	slices.Sort(values)
	return values
}
