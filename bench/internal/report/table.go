package report

import (
	"fmt"
	"math"
	"strings"
)

// Table returns the run as Markdown: a row per figure, a column per server, and the targets. A cell is the
// median over all rounds and, beside ours, how many times ours it is.
func (r Run) Table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| figure | %s | target |\n|---|%s---|\n", strings.Join(r.Servers, " | "),
		strings.Repeat("---:|", len(r.Servers)))
	for _, f := range figures {
		if !r.has(f.scenario) {
			continue
		}
		fmt.Fprintf(&b, "| %s |", f.name)
		for _, server := range r.Servers {
			fmt.Fprintf(&b, " %s |", r.cell(f, server))
		}
		fmt.Fprintf(&b, " %s |\n", r.judge(f))
	}
	for _, remark := range r.doubts() {
		fmt.Fprintf(&b, "\n%s\n", remark)
	}
	return b.String()
}

// has tells whether any sample is of the scenario.
func (r Run) has(scenario string) bool {
	for _, s := range r.Samples {
		if s.Scenario == scenario {
			return true
		}
	}
	return false
}

// cell is one server's median of f and its ratio to ours.
func (r Run) cell(f figure, server string) string {
	for _, s := range r.failures() {
		if s.Server == server && s.Scenario == f.scenario {
			return "**FAILED**"
		}
	}
	m, ok := r.median(f, server)
	if !ok {
		return "–"
	}
	ours, ok := r.median(f, Ours)
	if !ok || server == Ours || f.aside || ours <= 0 {
		return Short(m)
	}
	return fmt.Sprintf("%s (%s×)", Short(m), Short(m/ours))
}

// Short writes x with three significant digits, thousands separated.
func Short(x float64) string {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return fmt.Sprint(x)
	}
	digits := 2 - int(math.Floor(math.Log10(math.Abs(x))))
	if digits >= 0 {
		return fmt.Sprintf("%.*f", min(digits, 4), x)
	}
	unit := math.Pow10(-digits)
	text := fmt.Sprintf("%.0f", math.Round(x/unit)*unit)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
