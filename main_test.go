package live_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// leakPatience is how long goroutines and descriptors may take to go after the last
// test.
const leakPatience = 15 * time.Second

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
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	deadline := time.Now().Add(leakPatience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		stray := strayGoroutines()
		now := descriptors()
		switch {
		case len(stray) == 0 && now <= before:
			return ""
		case time.Now().Before(deadline):
			<-tick.C
		case len(stray) > 0:
			return fmt.Sprintf("%d goroutines are left:\n\n%s", len(stray), strings.Join(stray, "\n\n"))
		default:
			return fmt.Sprintf("%d descriptors are left: %d before the tests, %d after", now-before, before, now)
		}
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

// descriptors is how many files and sockets the process has open, 0 where the system
// does not say.
func descriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}
