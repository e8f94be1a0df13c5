package redisbroker_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// leakPatience is how long goroutines may take to go after the last test.
const leakPatience = 15 * time.Second

// TestMain fails the run if a goroutine is left when all tests are done.
func TestMain(m *testing.M) {
	code := m.Run()
	if left := leaked(); left != "" && code == 0 {
		fmt.Fprintln(os.Stderr, left)
		code = 1
	}
	os.Exit(code)
}

// leaked says what is left, or nothing.
func leaked() string {
	deadline := time.Now().Add(leakPatience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		stray := strayGoroutines()
		if len(stray) == 0 {
			return ""
		}
		if time.Now().After(deadline) {
			return fmt.Sprintf("%d goroutines are left:\n\n%s", len(stray), strings.Join(stray, "\n\n"))
		}
		<-tick.C
	}
}

// strayGoroutines are the stacks of all goroutines but this one, and those of the
// testing package and the runtime.
func strayGoroutines() []string {
	buf := make([]byte, 4<<20)
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
