package report_test

import (
	"strings"
	"testing"

	"github.com/livetopics/live/bench/internal/report"
)

func TestChangesAreRatiosToTheBaseline(t *testing.T) {
	r := report.Run{Servers: []string{"live", "baseline"}, Samples: []report.Sample{
		saturated("live", 1, 1.02), saturated("baseline", 1, 1),
		saturated("live", 2, 2.04), saturated("baseline", 2, 2),
		saturated("live", 3, 3.30), saturated("baseline", 3, 3),
		idle("live", 1, 104), idle("baseline", 1, 100),
	}}
	contains(t, r.Changes(), "| 2.00 | 2.04 | 1.020 | 1.020 (1.020 to 1.100) | yes |", "| 100 | 104 | 1.040 | 1.040 (1.040 to 1.040) | **no** |")
	r.Quick = true
	contains(t, r.Changes(), "not judged")
}

func TestMoreDeliveriesASecondAreNoWorse(t *testing.T) {
	for _, c := range []struct {
		live float64
		want string
	}{{120, "| yes |"}, {90, "| **no** |"}} {
		ours, before := saturated("live", 1, 1), saturated("baseline", 1, 1)
		ours.PerSecond, before.PerSecond = c.live, 100
		r := report.Run{Servers: []string{"live", "baseline"}, Samples: []report.Sample{ours, before}}
		for line := range strings.Lines(r.Changes()) {
			if strings.Contains(line, "deliveries per second") {
				contains(t, line, c.want)
			}
		}
	}
}

func TestABaselineIsNoPeerAndWithoutOneThereAreNoChanges(t *testing.T) {
	r := run(paced("live", 1, 5, 2), paced("gws", 1, 9, 4))
	if r.Changes() != "" {
		t.Errorf("got %q", r.Changes())
	}
	r.Servers = append(r.Servers, "baseline")
	r.Samples = append(r.Samples, paced("baseline", 1, 5, 1))
	contains(t, row(t, r, "paced: latency p99"), "≤ the best peer's (gws, 4.00): reached")
}
