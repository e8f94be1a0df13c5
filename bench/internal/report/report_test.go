package report_test

import (
	"strings"
	"testing"

	"github.com/livetopics/live/bench/internal/load"
	"github.com/livetopics/live/bench/internal/report"
)

// saturated and paced are plausible samples with this CPU time per delivery.
func saturated(server string, round int, cpu float64) report.Sample {
	return sample(server, round, load.Result{Scenario: "saturated", ServerCPU: cpu})
}

func paced(server string, round int, cpu, p99 float64) report.Sample {
	return sample(server, round, load.Result{
		Scenario: "paced", ServerCPU: cpu, RateReached: 60, Latency: &load.Spread{Count: 1, P50: 1, P99: p99, Max: p99},
	})
}

func idle(server string, round int, bytes float64) report.Sample {
	return sample(server, round, load.Result{Scenario: "idle", SessionBytes: bytes})
}

func sample(server string, round int, r load.Result) report.Sample {
	r.Config = load.Config{Sessions: 10, Rate: 60}
	r.Publications, r.Deliveries, r.ServerLoad, r.GeneratorLoad = 100, 1000, 0.5, 0.3
	return report.Sample{Server: server, Round: round, Result: r}
}

func run(samples ...report.Sample) report.Run {
	return report.Run{Servers: []string{"live", "gws", "gorilla", "centrifuge", "limit"}, Samples: samples}
}

// row returns the table's row that begins with name.
func row(t *testing.T, r report.Run, name string) string {
	t.Helper()
	for line := range strings.Lines(r.Table()) {
		if strings.HasPrefix(line, "| "+name) {
			return line
		}
	}
	t.Fatalf("no row %q in\n%s", name, r.Table())
	return ""
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in %q", part, text)
		}
	}
}

func TestCellsAreMediansAndTheirRatioToOurs(t *testing.T) {
	r := run(saturated("live", 1, 0.5), saturated("live", 2, 9), saturated("live", 3, 0.1),
		saturated("gws", 1, 7), saturated("gws", 2, 8))
	contains(t, row(t, r, "saturated: server CPU"), "| 0.500 | 7.50 (15.0×) | – | – | – |")
}

func TestTargetsAreJudged(t *testing.T) {
	r := run(idle("live", 1, 12345), saturated("live", 1, 0.5), saturated("centrifuge", 1, 2), saturated("gws", 1, 5.9),
		paced("live", 1, 9, 100), paced("gws", 1, 12, 90), paced("centrifuge", 1, 10, 80), paced("limit", 1, 8, 10))
	contains(t, row(t, r, "idle: resident"), "≤ 700: **NOT reached**, 12,300")
	contains(t, row(t, r, "saturated: server CPU"), "≤ 1/3 of centrifuge: reached, 0.250",
		"≤ 1/12 of gws: **NOT reached**, 0.0847", "≤ 1/12 of gorilla: not judged")
	contains(t, row(t, r, "paced: server CPU"), "≤ 0.80 of gws: reached, 0.750",
		"≤ 0.70 of centrifuge: **NOT reached**, 0.900", "≤ 1.15 of limit: reached, 1.12")
	contains(t, row(t, r, "paced: latency p99"), "≤ the best peer's (centrifuge, 80.0): **NOT reached**, 100")
}

func TestNothingIsJudgedWithoutGround(t *testing.T) {
	small := run(idle("live", 1, 500))
	small.Quick = true
	contains(t, row(t, small, "idle: resident"), "not judged: too small a run")
	contains(t, row(t, run(idle("gws", 1, 500)), "idle: resident"), "not judged: live was not run")
}

func TestAFailedSampleIsNeitherHiddenNorAveragedAway(t *testing.T) {
	lost := report.Sample{Server: "live", Round: 2, Error: "lost a delivery", Result: load.Result{Scenario: "idle"}}
	r := run(idle("live", 1, 500), lost)
	contains(t, row(t, r, "idle: resident"), "**FAILED**", "**NOT reached**")
	contains(t, strings.Join(r.Broken(), "\n"), "live, idle, round 2: lost a delivery")
}

func TestFiguresThatCannotBeAreFound(t *testing.T) {
	for want, change := range map[string]func(*report.Sample){
		"nothing was delivered":             func(s *report.Sample) { s.Deliveries = 0 },
		"made 999 deliveries":               func(s *report.Sample) { s.Deliveries = 999 },
		"used no CPU time":                  func(s *report.Sample) { s.ServerCPU = 0 },
		"only 50.0 of 60 publications":      func(s *report.Sample) { s.RateReached = 50 },
		"less than half of what plain":      func(s *report.Sample) { s.ServerCPU = 3 },
		"memory did not grow":               func(s *report.Sample) { s.Scenario = "idle" },
		"no request of another session ove": func(s *report.Sample) { s.Scenario = "fanout" },
	} {
		s := paced("gws", 1, 10, 100)
		if broken := run(s, paced("limit", 1, 8, 10)).Broken(); broken != nil {
			t.Fatalf("a sound run is said to be broken: %v", broken)
		}
		change(&s)
		contains(t, strings.Join(run(s, paced("limit", 1, 8, 10)).Broken(), "\n"), want)
	}
}

func TestDoubtsAreSaid(t *testing.T) {
	busy, disturbed := saturated("gws", 1, 5), saturated("gws", 2, 9)
	busy.GeneratorLoad, disturbed.OthersLoad = 0.95, 0.6
	contains(t, run(busy, disturbed).Table(),
		"Noisy, saturated: server CPU, µs per delivery: gws 5.00 to 9.00.",
		"The generator was busy for 95 % of gws, saturated, round 1",
		"Something else used more than 10 % of a core during 1 of 2 runs (at most 60 %, in gws, saturated, round 2)")
	if quiet := run(saturated("gws", 1, 5), saturated("gws", 2, 5)).Table(); strings.Contains(quiet, "Noisy") ||
		strings.Contains(quiet, "busy for") || strings.Contains(quiet, "Something else") {
		t.Errorf("a quiet run is doubted:\n%s", quiet)
	}
}
