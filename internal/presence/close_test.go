package presence_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/internal/presence"
)

func TestFlushEndsTheGraces(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		for i := range 40 {
			r.join("room", i, fmt.Sprint("user", i), "")
		}
		r.join("room", 99, "ann", "")
		r.join("room", 98, "ann", "")
		for i := range 40 {
			r.Leave("room", i)
		}
		r.take()
		if err := r.Flush(t.Context()); err != nil {
			t.Errorf("Flush: %v", err)
		}
		if got := r.take(); len(got) != 40 {
			t.Errorf("%d leaves announced, want 40", len(got))
		}
		if told := r.cluster.told("room", "ann"); told != 2 {
			t.Errorf("the broker was told %d sessions, want 2", told)
		}
		r.wantMembers("room", "ann:2")
	})
}

func TestFlushReportsAFailureThatIsRepaired(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.join("room", 1, "ann", "")
		r.Leave("room", 1)
		r.trouble(once("leave", false))
		if err := r.Flush(t.Context()); !errors.Is(err, errLost) {
			t.Errorf("Flush: %v", err)
		}
		r.want("room join ann")
		pass(time.Minute)
		r.want("room leave ann")
	})
}

func TestCloseTellsTheBrokerAndNobodyElse(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		for i := range 40 {
			r.join("room", i, fmt.Sprint("user", i%20), "")
		}
		r.Leave("room", 7)
		r.Leave("room", 27)
		r.take()
		r.close()
		r.want()
		for i := range 20 {
			if told := r.cluster.told("room", fmt.Sprint("user", i)); told != 0 {
				t.Errorf("the broker still has user%d", i)
			}
		}
	})
}

func TestAfterCloseCallsAreRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.join("room", 1, "ann", "")
		r.close()
		r.close()
		r.Leave("room", 1)
		_, members := r.Members(t.Context(), "room", 1)
		for name, err := range map[string]error{
			"Join":    r.Join(t.Context(), "room", 1, 2, "bob", nil),
			"Update":  r.Update(t.Context(), "room", 1, "ann", nil),
			"Members": members,
		} {
			if !errors.Is(err, broker.ErrClosed) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestCloseEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, presence.Options{Grace: -1})
		r.join("room", 1, "ann", "")
		r.join("room", 2, "bob", "")
		r.trouble(func(ctx context.Context, op, _ string) (before, after error) {
			<-ctx.Done()
			return ctx.Err(), nil
		})
		r.Leave("room", 1) // hangs in the background
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close: %v", err)
		}
		r.want("room join ann", "room join bob")
	})
}

// serving reports whether the tracker's goroutine is there.
func serving() bool {
	synctest.Wait()
	buf := make([]byte, 1<<20)
	return strings.Contains(string(buf[:runtime.Stack(buf, true)]), "agenda).serve")
}

func TestGoroutineIsThereOnlyWhileSomethingIsDue(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		check := func(when string, want bool) {
			t.Helper()
			if got := serving(); got != want {
				t.Errorf("%s: goroutine %v, want %v", when, got, want)
			}
		}
		check("new", false)
		r.join("room", 1, "ann", "")
		check("joined", false)
		r.Leave("room", 1)
		check("in grace", true)
		r.join("room", 2, "ann", "")
		check("came back", false)
		r.Leave("room", 2)
		pass(grace)
		check("left", false)
		r.joinLimited("room", 1, 1, "ann", "")
		r.joinLimited("room", 1, 2, "bob", "")
		check("a crowd has been counted", true)
		pass(2 * time.Second)
		check("and its number is the same", false)
		r.Leave("room", 1)
		r.close()
		check("closed", false)
	})
}
