package engine

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// leakPatience is how long goroutines and descriptors may take to go after the last
// test.
const leakPatience = 10 * time.Second

// TestMain fails the run if a goroutine or a descriptor is left when all tests are
// done.
func TestMain(m *testing.M) {
	warmUp()
	before := descriptors()
	code := m.Run()
	if left := leaked(before); left != "" && code == 0 {
		fmt.Fprintln(os.Stderr, left)
		code = 1
	}
	os.Exit(code)
}

// warmUp has the runtime open the descriptors that it opens once.
func warmUp() {
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close()
	}
}

// leaked says what is left, or nothing.
func leaked(before int) string {
	deadline := time.After(leakPatience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		stray, now := strayGoroutines(), descriptors()
		if len(stray) == 0 && now <= before {
			return ""
		}
		select {
		case <-tick.C:
		case <-deadline:
			return fmt.Sprintf("left after the tests: %d descriptors and %d goroutines\n\n%s",
				now-before, len(stray), strings.Join(stray, "\n\n"))
		}
	}
}

// strayGoroutines are the stacks of all goroutines but this one, and those of the
// testing package and the runtime.
func strayGoroutines() []string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var stray []string
	for _, stack := range strings.Split(string(buf), "\n\n")[1:] {
		if !strings.Contains(stack, "testing.(*M)") && !strings.Contains(stack, "os/signal.") &&
			!strings.Contains(stack, "runtime.ensureSigM") && strings.TrimSpace(stack) != "" {
			stray = append(stray, stack)
		}
	}
	return stray
}

// descriptors is how many files and sockets the process has open, 0 where the system
// does not say.
func descriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}
