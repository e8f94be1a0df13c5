package process

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// AnyCPU leaves a thread where the scheduler puts it.
const AnyCPU = -1

// CPUs returns the numbers of the processors this process may use, in order.
func CPUs() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("process: sched_getaffinity: %w", err)
	}
	var cpus []int
	for cpu := 0; len(cpus) < set.Count(); cpu++ {
		if set.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus, nil
}

// OnCPU runs f on a thread of its own that is tied to cpu, and ends that thread afterwards: threads and
// processes that f starts inherit the tie, and nothing else does. It blocks until f returns.
func OnCPU(cpu int, f func() error) error {
	if cpu == AnyCPU {
		return f()
	}
	done := make(chan error, 1)
	// Owned by this call, which waits until f has returned; ends, with its thread, right after.
	go func() {
		// Never unlocked: the runtime ends a thread whose goroutine ends while locked to it.
		runtime.LockOSThread()
		var set unix.CPUSet
		set.Set(cpu)
		if err := unix.SchedSetaffinity(0, &set); err != nil {
			done <- fmt.Errorf("process: tying to processor %d: %w", cpu, err)
			return
		}
		done <- f()
	}()
	return <-done
}

// Tie ties this whole process to cpu: all its threads, and so those that they start later. It leaves one
// goroutine at a time running.
func Tie(cpu int) error {
	runtime.GOMAXPROCS(1)
	var set unix.CPUSet
	set.Set(cpu)
	// Twice: a thread that was started by an untied one during the first pass is there in the second.
	for range 2 {
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return fmt.Errorf("process: %w", err)
		}
		for _, thread := range threads {
			id, err := strconv.Atoi(thread.Name())
			if err != nil {
				return fmt.Errorf("process: %w", err)
			}
			if err := unix.SchedSetaffinity(id, &set); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("process: tying to processor %d: %w", cpu, err)
			}
		}
	}
	return nil
}
