package process

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Self stands for the calling process where a process number is asked for.
const Self = 0

// cpuClockOf makes the number of the clock that counts all CPU time of process pid, as
// clock_getcpuclockid(3) does: the bits of ^pid, then 2 for the scheduler's own nanosecond count. Unlike
// utime and stime in /proc/PID/stat it does not step in hundredths of a second, and unlike schedstat it
// includes threads that have ended.
func cpuClockOf(pid int) int32 { return int32(^pid<<3 | 2) }

// CPU returns the CPU time, user and system, that process pid has used so far, in all its threads. A
// kernel that runs a packet's receive path inside the sender's system call counts it as the sender's.
func CPU(pid int) (time.Duration, error) {
	var ts unix.Timespec
	if err := unix.ClockGettime(cpuClockOf(pid), &ts); err != nil {
		return 0, fmt.Errorf("process: CPU time of process %d: %w", pid, err)
	}
	return time.Duration(ts.Nano()), nil
}
