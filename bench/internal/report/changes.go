package report

import (
	"fmt"
	"slices"
	"strings"
)

// worse is how many times the baseline's figure ours may be.
const worse = 1.03

// Changes returns, as Markdown, how many times the baseline's figures ours are; "" without a baseline. Beside
// the ratio of the medians stands the median of the ratios within each round, which what
// changes slowly on the machine does not touch, and the lowest and the highest of them.
func (r Run) Changes() string {
	if !slices.Contains(r.Servers, Baseline) {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n| figure | %s | %s | of medians | by rounds | ≤ %.2f |\n|---|---:|---:|---:|---:|---|\n", Baseline, Ours, worse)
	for _, f := range figures {
		old, had := r.median(f, Baseline)
		now, has := r.median(f, Ours)
		if !had || !has || f.aside || old <= 0 {
			continue
		}
		ratios := r.ratios(f)
		m, ok := Median(ratios)
		if !ok {
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %.3f | %.3f (%.3f to %.3f) | %s |\n", f.name, Short(old), Short(now), now/old,
			m, ratios[0], ratios[len(ratios)-1], r.change(f, now/old))
	}
	return b.String()
}

// ratios are ours over the baseline's of each round that has both, in ascending order.
func (r Run) ratios(f figure) (ratios []float64) {
	for _, s := range r.Samples {
		if s.Server != Ours || s.Scenario != f.scenario || s.Error != "" {
			continue
		}
		for _, t := range r.Samples {
			if t.Server == Baseline && t.Scenario == s.Scenario && t.Round == s.Round && t.Error == "" && f.of(t.Result) > 0 {
				ratios = append(ratios, f.of(s.Result)/f.of(t.Result))
			}
		}
	}
	slices.Sort(ratios)
	return ratios
}

// change judges one ratio. A single value out of many says nothing, nor does a small run.
func (r Run) change(f figure, ratio float64) string {
	if f.more {
		ratio = 1 / ratio
	}
	switch {
	case r.Quick:
		return "not judged"
	case f.extreme:
		return ""
	case ratio <= worse:
		return "yes"
	}
	return "**no**"
}
