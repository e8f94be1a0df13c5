package natsbroker_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain fails the run if a goroutine is left when all tests are done.
func TestMain(m *testing.M) {
	code := m.Run()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	servers.shutdown(ctx)
	deadline := time.Now().Add(10 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	left := stray()
	for ; left != "" && time.Now().Before(deadline); left = stray() {
		<-tick.C
	}
	if left != "" && code == 0 {
		fmt.Fprintf(os.Stderr, "goroutines are left:\n\n%s\n", left)
		code = 1
	}
	os.Exit(code)
}

// stray are the stacks in which there is something of ours.
func stray() string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var left []string
	for _, stack := range strings.Split(string(buf), "\n\n")[1:] {
		if strings.Contains(stack, "livetopics/live") || strings.Contains(stack, "nats.go") {
			left = append(left, stack)
		}
	}
	return strings.Join(left, "\n\n")
}
