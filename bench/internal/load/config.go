package load

import (
	"fmt"
	"slices"
	"time"
)

// Scenarios are the names that Run knows, in the order in which they are worth running.
var Scenarios = []string{"idle", "saturated", "paced", "fanout"}

// Config is the size of a scenario.
type Config struct {
	Sessions   int           `json:"sessions"`         // clients that subscribe
	FrameBytes int           `json:"frame_bytes"`      // of one delivery on the wire, head included
	Window     int           `json:"window,omitempty"` // saturated: publications in flight at most
	Rate       int           `json:"rate,omitempty"`   // paced: publications a second
	Duration   time.Duration `json:"-"`                // saturated, paced: how long to publish
	Bursts     int           `json:"bursts,omitempty"` // fanout: publications, one after the other
}

// Default is the size of a scenario in the figures the project states; quick is a tenth of
// the sessions for a shorter time, to see whether everything works.
func Default(scenario string, quick bool) (Config, error) {
	if !slices.Contains(Scenarios, scenario) {
		return Config{}, fmt.Errorf("load: %q is none of the scenarios %v", scenario, Scenarios)
	}
	c := Config{FrameBytes: 170, Window: 64, Rate: 60, Duration: 3 * time.Second, Bursts: 20}
	c.Sessions = map[string]int{"idle": 15_000, "saturated": 1_000, "paced": 1_000, "fanout": 10_000}[scenario]
	if quick {
		c.Sessions, c.Duration, c.Bursts = c.Sessions/10, 500*time.Millisecond, 5
	}
	return c, nil
}

// check refuses what no scenario can run with.
func (c Config) check() error {
	switch {
	case c.Sessions < 1 || c.Sessions > 19_000:
		return fmt.Errorf("load: %d sessions: at least 1, at most 19000, since a process has 20000 descriptors", c.Sessions)
	case c.Window < 1 || c.Window > ring:
		return fmt.Errorf("load: a window of %d publications: at least 1, at most %d", c.Window, ring)
	case c.Rate < 1 || c.Rate > 10_000:
		return fmt.Errorf("load: %d publications a second: at least 1, at most 10000", c.Rate)
	case c.Duration <= 0 || c.Duration > time.Minute:
		return fmt.Errorf("load: publishing for %v: more than nothing, at most a minute", c.Duration)
	case c.Bursts < 1 || c.Bursts > 1_000:
		return fmt.Errorf("load: %d bursts: at least 1, at most 1000", c.Bursts)
	}
	return nil
}
