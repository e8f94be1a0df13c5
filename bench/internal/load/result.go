package load

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Result is what one run of a scenario measured. Figures a scenario does not measure are left out of its
// JSON form.
type Result struct {
	Scenario string `json:"scenario"` // one of Scenarios
	Config          // as it was run

	Publications  uint64  `json:"publications,omitempty"`
	Deliveries    uint64  `json:"deliveries,omitempty"` // each checked for its order and its bytes
	Seconds       float64 `json:"seconds,omitempty"`    // from the first publication to the last delivery
	ServerCPU     float64 `json:"server_cpu_us_per_delivery,omitempty"`
	BrokerCPU     float64 `json:"broker_cpu_us_per_publication,omitempty"` // several nodes: of the broker between them
	ServerLoad    float64 `json:"server_load,omitempty"`                   // CPU time over Seconds: 1 is one core
	GeneratorLoad float64 `json:"generator_load,omitempty"`                // the same of the generator itself
	OthersLoad    float64 `json:"others_load,omitempty"`                   // the same of everything else on the machine
	PerSecond     float64 `json:"deliveries_per_second,omitempty"`
	RateReached   float64 `json:"rate_reached,omitempty"` // paced: publications a second, as sent

	Latency    *Spread `json:"latency_us,omitempty"`     // paced, several nodes: publication sent to delivery read
	Last       *Spread `json:"last_ms,omitempty"`        // fanout: publication sent to its last delivery
	Probe      *Spread `json:"probe_us,omitempty"`       // fanout: another session's request meanwhile
	ProbeQuiet *Spread `json:"probe_quiet_us,omitempty"` // fanout: the same while nothing else goes on

	BaselineBytes  int64   `json:"baseline_bytes,omitempty"`  // idle: resident after one connection
	CollectedBytes float64 `json:"collected_bytes,omitempty"` // idle: the same after the server collected
	SessionBytes   float64 `json:"session_bytes,omitempty"`   // idle: growth per session as it stood
}

// Spread is a distribution of times, in the unit that its field is named for.
type Spread struct {
	Count int64   `json:"count"`
	P50   float64 `json:"p50"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// times collects nanoseconds, from a microsecond to a minute, to three digits.
type times struct{ h *hdrhistogram.Histogram }

func newTimes() times {
	return times{hdrhistogram.New(int64(time.Microsecond), int64(time.Minute), 3)}
}

// add counts one time; what is longer than a minute counts as a minute.
func (t times) add(ns int64) {
	_ = t.h.RecordValue(min(max(ns, 0), int64(time.Minute)))
}

// in returns the distribution in the given unit, nil where there is nothing.
func (t times) in(unit time.Duration) *Spread {
	if t.h.TotalCount() == 0 {
		return nil
	}
	u := float64(unit)
	return &Spread{
		Count: t.h.TotalCount(),
		P50:   float64(t.h.ValueAtQuantile(50)) / u,
		P99:   float64(t.h.ValueAtQuantile(99)) / u,
		Max:   float64(t.h.Max()) / u,
	}
}
