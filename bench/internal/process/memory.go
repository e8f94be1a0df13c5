package process

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// Resident returns the resident memory of process pid in bytes: Rss of /proc/PID/smaps_rollup, which
// counts pages one by one. VmRSS of /proc/PID/status is read off counters that lag by some pages per
// processor.
func Resident(pid int) (int64, error) {
	path := fmt.Sprintf("/proc/%d/smaps_rollup", pid)
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("process: resident memory: %w", err)
	}
	for line := range bytes.Lines(text) {
		fields := bytes.Fields(line)
		if len(fields) == 3 && string(fields[0]) == "Rss:" && string(fields[2]) == "kB" {
			n, err := strconv.ParseInt(string(fields[1]), 10, 64)
			return n << 10, err
		}
	}
	return 0, fmt.Errorf("process: %s has no Rss in kB", path)
}

// How long memory is watched before it is believed.
const (
	settleStep  = 250 * time.Millisecond
	settleSteps = 4  // must agree: a second
	settleLimit = 60 // readings at most: fifteen seconds
)

// Settled returns the resident memory of process pid once it has settled: once five readings, a quarter
// of a second apart, lie within half a percent of each other. wait is called between readings with the
// time to wait, so that a caller can serve its sockets meanwhile. It fails after fifteen seconds.
func Settled(pid int, wait func(time.Duration) error) (int64, error) {
	var low, high int64
	agreed := 0
	for range settleLimit {
		now, err := Resident(pid)
		if err != nil {
			return 0, err
		}
		if agreed > 0 && max(high, now)-min(low, now) <= now/200 {
			low, high = min(low, now), max(high, now)
			agreed++
		} else {
			low, high, agreed = now, now, 1
		}
		if agreed > settleSteps {
			return now, nil
		}
		if err := wait(settleStep); err != nil {
			return 0, err
		}
	}
	return 0, fmt.Errorf("process: memory of process %d did not settle in %v: between %d and %d bytes at last",
		pid, settleLimit*settleStep, low, high)
}
