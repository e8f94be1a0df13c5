package livetest_test

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/livetopics/live"
	"github.com/livetopics/live/livetest"
)

// publish publishes from the server.
func publish(t *testing.T, srv *livetest.Server, topic string, data ...any) {
	t.Helper()
	for _, d := range data {
		b, err := json.Marshal(d)
		if err == nil {
			err = srv.Publish(topic, b)
		}
		if err != nil {
			t.Fatalf("publish %v to %s: %v", d, topic, err)
		}
	}
}

// refresh is an OnRefresh with which a session is allowed less.
func refresh(allowed *bool) func(context.Context, *live.Session, string) error {
	return func(context.Context, *live.Session, string) error {
		*allowed = false
		return nil
	}
}

func unless(allowed *bool) live.Check {
	return func(context.Context, *live.Session, live.Match) error {
		if *allowed {
			return nil
		}
		return live.Errorf(live.CodeForbidden, "not any more")
	}
}

// hole is what a gap event tells.
func hole(t *testing.T, f livetest.Frame) (gap struct{ From, To int }) {
	t.Helper()
	if err := json.Unmarshal(f.Data, &gap); err != nil || gap.To == 0 {
		t.Fatalf("a gap with the data %s: %v", f.Data, err)
	}
	return gap
}

// output is a test whose output is kept.
type output struct {
	testing.TB
	text strings.Builder
}

func (o *output) Output() io.Writer { return &o.text }
