package process

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// tick is the unit of /proc/stat on every Linux that Go runs on (USER_HZ is 100 there).
const tick = time.Second / 100

// Machine returns the CPU time, to a hundredth of a second, that everything together has used on all
// processors of this machine so far, and what its host took for others. A measurement compares it with
// the CPU time of what it measures: the difference is noise from elsewhere.
func Machine() (time.Duration, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, fmt.Errorf("process: CPU time of the machine: %w", err)
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	fields := bytes.Fields(line)
	if len(fields) < 9 || string(fields[0]) != "cpu" {
		return 0, fmt.Errorf("process: /proc/stat begins with %q, not with the sum of all processors", line)
	}
	var sum int64
	// user nice system idle iowait irq softirq steal
	for i, field := range fields[1:9] {
		n, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("process: /proc/stat: %w", err)
		}
		if i != 3 && i != 4 {
			sum += n
		}
	}
	return time.Duration(sum) * tick, nil
}
