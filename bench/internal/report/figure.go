package report

import "github.com/livetopics/live/bench/internal/load"

// figure is one row of the table.
type figure struct {
	name     string
	scenario string
	of       func(load.Result) float64
	aside    bool // about the measurement itself: no ratio, no noise
	extreme  bool // one value out of many: noisy by nature
	more     bool // more is better
}

// Rows with a target of their own.
var (
	memory = figure{
		name: "idle: resident bytes per session", scenario: "idle",
		of: func(r load.Result) float64 { return r.SessionBytes },
	}
	saturatedCPU = figure{
		name: "saturated: server CPU, µs per delivery", scenario: "saturated", of: serverCPU,
	}
	pacedCPU = figure{
		name: "paced: server CPU, µs per delivery", scenario: "paced", of: serverCPU,
	}
	pacedP99 = figure{
		name: "paced: latency p99, µs", scenario: "paced", of: func(r load.Result) float64 { return spread(r.Latency).P99 },
	}
	lastP50 = figure{
		name: "fan-out: until all have it, median, ms", scenario: "fanout",
		of: func(r load.Result) float64 { return spread(r.Last).P50 },
	}
)

// figures are the rows in their order.
var figures = []figure{
	memory,
	{
		name: "idle: the same after a collection", scenario: "idle",
		of: func(r load.Result) float64 { return r.CollectedBytes },
	},
	saturatedCPU,
	{
		name: "saturated: deliveries per second", scenario: "saturated", more: true,
		of: func(r load.Result) float64 { return r.PerSecond },
	},
	{
		name: "saturated: generator's core, % busy", scenario: "saturated", aside: true,
		of: func(r load.Result) float64 { return 100 * r.GeneratorLoad },
	},
	pacedCPU,
	{
		name: "paced: latency p50, µs", scenario: "paced",
		of: func(r load.Result) float64 { return spread(r.Latency).P50 },
	},
	pacedP99,
	{
		name: "paced: latency max, µs", scenario: "paced", extreme: true,
		of: func(r load.Result) float64 { return spread(r.Latency).Max },
	},
	{
		name: "paced: generator's core, % busy", scenario: "paced", aside: true,
		of: func(r load.Result) float64 { return 100 * r.GeneratorLoad },
	},
	lastP50,
	{
		name: "fan-out: until all have it, worst, ms", scenario: "fanout", extreme: true,
		of: func(r load.Result) float64 { return spread(r.Last).Max },
	},
	{
		name: "fan-out: others' requests meanwhile, p50, µs", scenario: "fanout",
		of: func(r load.Result) float64 { return spread(r.Probe).P50 },
	},
	{
		name: "fan-out: others' requests meanwhile, p99, µs", scenario: "fanout",
		of: func(r load.Result) float64 { return spread(r.Probe).P99 },
	},
	{
		name: "fan-out: the same in between, p50, µs", scenario: "fanout",
		of: func(r load.Result) float64 { return spread(r.ProbeQuiet).P50 },
	},
}

func serverCPU(r load.Result) float64 { return r.ServerCPU }

// spread returns the distribution, an empty one where there is none.
func spread(s *load.Spread) load.Spread {
	if s == nil {
		return load.Spread{}
	}
	return *s
}
