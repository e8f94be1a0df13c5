package memory_test

import (
	"context"
	"testing"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/memory"
)

// open opens a broker, and closes it after the test. A nil deliver ignores all.
func open(tb testing.TB, o memory.Options, deliver broker.Deliver) *memory.Broker {
	tb.Helper()
	if deliver == nil {
		deliver = func(string, string, *broker.Publication) {}
	}
	b, err := memory.New(o)(deliver)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := b.Close(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	return b.(*memory.Broker)
}
