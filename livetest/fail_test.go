package livetest_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/livetest"
)

// witness is a test that may fail.
type witness struct {
	testing.TB
	said string
}

func (w *witness) Helper()                           {}
func (w *witness) Errorf(format string, args ...any) { w.said += fmt.Sprintf(format, args...) }
func (w *witness) Fatalf(format string, args ...any) { w.Errorf(format, args...); runtime.Goexit() }

// fails runs what must end a test, with all of the words in its message.
func fails(t *testing.T, what string, c *livetest.Client, w *witness, act func(c *livetest.Client), words ...string) {
	t.Helper()
	w.said = ""
	done := make(chan struct{})
	go func() {
		defer close(done)
		act(c)
	}()
	<-done
	for _, word := range words {
		if !strings.Contains(w.said, word) {
			t.Errorf("%s says %q, without %q", what, w.said, word)
		}
	}
	if len(words) == 0 && w.said != "" {
		t.Errorf("%s says %q", what, w.said)
	}
}

func TestFailuresShowWhatCameInstead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := livetest.NewServer(t, live.Options{})
		srv.Topic("{x}", open())
		srv.Topic("secret:{x}", live.Rule{})
		w := &witness{TB: t}
		c := srv.Dial(w)
		c.Subscribe("a")
		c.Subscribe("b")
		publish(t, srv, "a", 1, "two")
		type client = *livetest.Client
		for _, f := range []struct {
			what  string
			act   func(client)
			words []string
		}{
			{"the wrong data", func(c client) { c.Expect("a", 3) }, []string{"on a expected 3", `"data":1`, `"data":"two"`}},
			{"nothing there", func(c client) { c.Expect("b", 4) }, []string{"on b expected 4", "30s", `"data":"two"`}},
			{"no event", func(c client) { c.ExpectEvent("a", "join") }, []string{"join", `"a"`, `"data":"two"`}},
			{"something there", func(c client) { c.ExpectNothing() }, []string{"nothing", "1 came", `"data":"two"`}},
			{"not closed", func(c client) { c.ExpectClosed(4008) }, []string{"4008", "30s"}},
			{"not ended", func(c client) { _ = c.ExpectEnded() }, []string{"session to end"}},
			{"a refusal", func(c client) { c.Subscribe("secret:x") }, []string{"subscribe to secret:x", "forbidden"}},
			{"no JSON", func(c client) { c.Send("a", func() {}) }, []string{"JSON"}},
			{"next", func(c client) { c.Next() }, nil},
			{"no next", func(c client) { c.Next() }, []string{"expected something", "nothing else came"}},
			{"stalled", func(c client) { c.Stall(); c.Ping() }, []string{"no answer", "ping", "stalled"}},
			{"cut", func(c client) { c.Cut(); c.Ping() }, []string{"ping", "1006", "cut"}},
			{"closed otherwise", func(c client) { c.ExpectClosed(1000) }, []string{"expected code 1000", "1006"}},
		} {
			fails(t, f.what, c, w, f.act, f.words...)
		}
	})
}

func TestAClientThatWasRefusedHasNoSession(t *testing.T) {
	srv := livetest.NewServer(t, live.Options{Limits: live.Limits{Sessions: 1}})
	srv.Dial(t)
	w := &witness{TB: t}
	fails(t, "no session", srv.Dial(w), w, func(c *livetest.Client) { c.Session() }, "refused")
	fails(t, "no plain client", nil, w, func(*livetest.Client) { srv.Dial(w, livetest.Plain()) }, "503", "Limits.Sessions")
}

// ends lets the cleanups of a test be run within it.
type ends struct {
	witness
	cleanups []func()
}

func (e *ends) Cleanup(f func()) { e.cleanups = append(e.cleanups, f) }

func TestAHookThatDoesNotReturnFailsTheTest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		e := &ends{witness: witness{TB: t}}
		srv := livetest.NewServer(e, live.Options{OnMessage: func(context.Context, *live.Session, string, []byte) { <-release }})
		srv.Dial(t).Send("a", 1)
		synctest.Wait()
		start := time.Now()
		for _, f := range e.cleanups {
			f()
		}
		if !strings.Contains(e.said, "hook that has not returned") || time.Since(start) < 30*time.Second {
			t.Errorf("after %v it says %q", time.Since(start), e.said)
		}
		close(release)
	})
}

func TestWhatTheServerLogsIsInTheOutput(t *testing.T) {
	w := &output{TB: t}
	srv := livetest.NewServer(w, live.Options{})
	if err := srv.Publish("not a topic", nil); err == nil {
		t.Error("the topic was taken")
	}
	if said := w.text.String(); !strings.Contains(said, "level=WARN") || !strings.Contains(said, "not a topic") || strings.Contains(said, "time=") {
		t.Errorf("the output is %q", said)
	}
}
