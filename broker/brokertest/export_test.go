package brokertest

import (
	"context"
	"runtime"
	"time"

	"github.com/livetopics/live/broker"
)

// Failure runs the cases for one node outside of go test, and returns the name of
// the first that fails, or nothing. What must be delivered may take that long.
func Failure(ctx context.Context, patience time.Duration, open func(ds ...broker.Deliver) []broker.Broker) string {
	for _, c := range cases {
		t := &verdict{ctx: ctx}
		done := make(chan struct{})
		go func() { // owner: Failure; ends with the case
			defer close(done)
			run(t, patience, c, open)
		}()
		<-done
		if t.failed {
			return c.name
		}
	}
	return ""
}

// verdict is a tester that only remembers whether the case failed.
type verdict struct {
	ctx    context.Context
	failed bool
}

func (*verdict) Helper()                    {}
func (v *verdict) Context() context.Context { return v.ctx }
func (v *verdict) Errorf(string, ...any)    { v.failed = true }
func (v *verdict) Fatalf(string, ...any)    { v.failed = true; runtime.Goexit() }
