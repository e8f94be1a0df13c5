package rows

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livetopics/live/bench/internal/report"
)

// Row is one figure: a value per round of ours, and of what it is compared with.
type Row struct {
	Name    string
	Against string // what it is compared with, "" for nothing
	Live    []float64
	Other   []float64
	Limit   Limit
}

// Limit is a target: at most so much, or at most so many times the other. The zero Limit is none.
type Limit struct {
	is    bool
	most  float64
	times bool
}

// AtMost is the target of a figure that is to be most at most.
func AtMost(most float64) Limit { return Limit{is: true, most: most} }

// AtMostTimes is the target of a figure that is to be so many times the other's at most.
func AtMostTimes(times float64) Limit { return Limit{is: true, most: times, times: true} }

// Rows are figures in the order in which they were first asked for. Not safe for concurrent use.
type Rows struct{ list []*Row }

// All returns all rows.
func (t *Rows) All() []*Row { return t.list }

// Row returns the row of that name, a new one the first time.
func (t *Rows) Row(name, against string, l Limit) *Row {
	for _, r := range t.list {
		if r.Name == name {
			return r
		}
	}
	r := &Row{Name: name, Against: against, Limit: l}
	t.list = append(t.list, r)
	return r
}

// Table returns all rows as Markdown; without judgement of the targets where the run was a quick one.
func (t *Rows) Table(quick bool) string {
	var b strings.Builder
	b.WriteString("| figure | live | beside it | live is | target |\n|---|---:|---:|---:|---|\n")
	for _, r := range t.list {
		beside, ratio := "", ""
		if times, ok := r.times(); ok {
			beside, ratio = r.Against+": "+spread(r.Other), report.Short(times)+"×"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.Name, spread(r.Live), beside, ratio, r.verdict(quick))
	}
	return b.String()
}

// times is how many times the other's median ours is.
func (r *Row) times() (times float64, ok bool) {
	mine, ok := report.Median(sorted(r.Live))
	other, has := report.Median(sorted(r.Other))
	if !ok || !has || other <= 0 {
		return 0, false
	}
	return mine / other, true
}

// verdict says whether the target is reached, if a run of full size has anything to say about it.
func (r *Row) verdict(quick bool) string {
	value, ok := report.Median(sorted(r.Live))
	unit := ""
	if r.Limit.times {
		value, ok = r.times()
		unit = "×"
	}
	switch {
	case !r.Limit.is:
		return ""
	case quick || !ok:
		return fmt.Sprintf("≤ %s%s: not judged", report.Short(r.Limit.most), unit)
	case value <= r.Limit.most:
		return fmt.Sprintf("≤ %s%s: reached", report.Short(r.Limit.most), unit)
	}
	return fmt.Sprintf("≤ %s%s: **NOT reached**", report.Short(r.Limit.most), unit)
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
