package report

import (
	"fmt"
	"strings"

	"github.com/livetopics/live/bench/internal/load"
)

// Where doubt begins.
const (
	noisy       = 0.25 // a figure's range over its median, from round to round
	foreign     = 0.10 // cores that something else used during a run
	busy        = 0.90 // of the generator's core
	belowFloor  = 0.5  // of the plain loop's CPU per delivery, at a pace that allows no batching
	paceReached = 0.95 // of the rate asked for
)

// doubts are remarks on how far the figures can be trusted.
func (r Run) doubts() []string {
	return append(r.noise(), r.disturbances()...)
}

// noise lists the figures that differ too much from round to round.
func (r Run) noise() []string {
	var remarks []string
	for _, f := range figures {
		if f.aside || f.extreme {
			continue
		}
		var servers []string
		for _, server := range r.Servers {
			values := r.values(f, server)
			if m, ok := Median(values); ok && m > 0 && (values[len(values)-1]-values[0])/m > noisy {
				servers = append(servers, fmt.Sprintf("%s %s to %s", server, Short(values[0]), Short(values[len(values)-1])))
			}
		}
		if servers != nil {
			remarks = append(remarks, fmt.Sprintf("Noisy, %s: %s.", f.name, strings.Join(servers, ", ")))
		}
	}
	return remarks
}

// disturbances are runs in which something else had a say.
func (r Run) disturbances() []string {
	var remarks []string
	disturbed, worst := 0, Sample{}
	for _, s := range r.Samples {
		if s.GeneratorLoad > busy {
			remarks = append(remarks, fmt.Sprintf("The generator was busy for %.0f %% of %s: it may have been what set the pace.",
				100*s.GeneratorLoad, s.name()))
		}
		if s.OthersLoad > foreign {
			disturbed++
		}
		if s.OthersLoad > worst.OthersLoad {
			worst = s
		}
	}
	if disturbed > 0 {
		remarks = append(remarks, fmt.Sprintf("Something else used more than %.0f %% of a core during %d of %d runs "+
			"(at most %.0f %%, in %s): measure again on a quiet machine.",
			100*foreign, disturbed, len(r.Samples), 100*worst.OthersLoad, worst.name()))
	}
	return remarks
}

// name says which sample this is.
func (s Sample) name() string {
	return fmt.Sprintf("%s, %s, round %d", s.Server, s.Scenario, s.Round)
}

// Broken lists what invalidates the run: samples that failed, and figures that cannot be.
func (r Run) Broken() []string {
	var broken []string
	for _, s := range r.Samples {
		if s.Error != "" {
			broken = append(broken, fmt.Sprintf("%s: %s", s.name(), s.Error))
			continue
		}
		if why := impossible(s.Result); why != "" {
			broken = append(broken, fmt.Sprintf("%s: %s", s.name(), why))
		}
	}
	floor, ok := r.median(pacedCPU, Floor)
	for _, server := range r.Servers {
		if m, has := r.median(pacedCPU, server); ok && has && m < belowFloor*floor {
			broken = append(broken, fmt.Sprintf("%s, paced: %s µs per delivery is less than half of what plain writes cost (%s): "+
				"does it count everything?", server, Short(m), Short(floor)))
		}
	}
	return broken
}

// impossible says why a result cannot be true, "" where it can.
func impossible(s load.Result) string {
	switch s.Scenario {
	case "idle":
		if s.SessionBytes <= 0 {
			return fmt.Sprintf("memory did not grow by %d sessions (%.0f bytes each)", s.Sessions, s.SessionBytes)
		}
		return ""
	case "paced":
		if s.RateReached < paceReached*float64(s.Rate) {
			return fmt.Sprintf("only %.1f of %d publications a second were made: a server or the generator is too slow for this pace",
				s.RateReached, s.Rate)
		}
	case "fanout":
		if spread(s.Probe).Count == 0 {
			return "no request of another session overlapped a publication"
		}
	}
	switch {
	case s.Deliveries == 0:
		return "nothing was delivered"
	case s.Deliveries != s.Publications*uint64(s.Sessions):
		return fmt.Sprintf("%d publications to %d sessions made %d deliveries", s.Publications, s.Sessions, s.Deliveries)
	case s.ServerCPU <= 0 || s.ServerLoad <= 0:
		return "the server used no CPU time"
	}
	return ""
}
