package presence_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/internal/presence"
)

// once fails the next call of op: before its effect, or after.
func once(wanted string, late bool) func(context.Context, string, string) (error, error) {
	done := false
	return func(_ context.Context, op, _ string) (before, after error) {
		switch {
		case done || op != wanted:
			return nil, nil
		case late:
			done = true
			return nil, errLost
		}
		done = true
		return errLost, nil
	}
}

func TestFailedJoinLeavesNothing(t *testing.T) {
	for name, late := range map[string]bool{"refused": false, "answer lost": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *rig) {
				r.trouble(once("join", late))
				if err := r.Join(t.Context(), "room", 100, 1, "ann", nil); !errors.Is(err, errLost) {
					t.Errorf("Join: %v", err)
				}
				pass(time.Minute)
				r.want()
				r.wantMembers("room")
				r.join("room", 1, "ann", "")
				r.want("room join ann")
			})
		})
	}
}

func TestJoinAfterALostAnswerIsAnnouncedOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.trouble(once("join", true))
		if err := r.Join(t.Context(), "room", 100, 1, "ann", nil); err == nil {
			t.Error("Join: no error")
		}
		r.join("room", 1, "ann", "")
		pass(time.Minute)
		r.want("room join ann")
		r.wantMembers("room", "ann:1")
	})
}

func TestFailedLeaveIsToldAgain(t *testing.T) {
	for name, late := range map[string]bool{"refused": false, "answer lost": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *rig) {
				r.join("room", 1, "ann", "")
				r.trouble(once("leave", late))
				r.Leave("room", 1)
				pass(grace)
				r.want("room join ann")
				pass(time.Minute)
				r.want("room leave ann")
				r.wantMembers("room")
				if r.failed != 1 {
					t.Errorf("Failed was called %d times, want once", r.failed)
				}
			})
		})
	}
}

func TestReturnAfterALostLeaveMakesNoNoise(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.join("room", 1, "ann", "")
		r.trouble(once("leave", true))
		r.Leave("room", 1)
		pass(grace + little)
		r.join("room", 2, "ann", "")
		pass(time.Minute)
		r.want("room join ann")
		r.wantMembers("room", "ann:1")
	})
}

func TestFailedUpdateIsToldAgain(t *testing.T) {
	for name, late := range map[string]bool{"refused": false, "answer lost": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *rig) {
				r.join("room", 1, "ann", "1")
				r.trouble(once("join", late))
				if err := r.Update(t.Context(), "room", 1, "ann", []byte("2")); !errors.Is(err, errLost) {
					t.Errorf("Update: %v", err)
				}
				pass(time.Minute)
				r.want("room join ann 1", "room update ann 2")
				r.wantMembers("room", "ann:1")
			})
		})
	}
}

func TestFailedJoinOfASecondSessionKeepsTheInfoOfTheFirst(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.join("room", 1, "ann", "1")
		r.trouble(once("join", false))
		if err := r.Join(t.Context(), "room", 100, 2, "ann", []byte("2")); err == nil {
			t.Error("Join: no error")
		}
		pass(time.Minute)
		r.wantMembers("room", "ann:1")
		if ms, err := r.Members(t.Context(), "room", 1); err != nil || string(ms.List[0].Info) != "1" {
			t.Errorf("Members: %+v, %v", ms, err)
		}
	})
}

// held blocks the calls of op for the user until the channel is closed.
func held(wanted, user string, release <-chan struct{}) func(context.Context, string, string) (error, error) {
	return func(ctx context.Context, op, u string) (before, after error) {
		if op != wanted || u != user {
			return nil, nil
		}
		select {
		case <-release:
			return nil, nil
		case <-ctx.Done():
			return ctx.Err(), nil
		}
	}
}

func TestSlowCallForOneUserDelaysNoOther(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		release := make(chan struct{})
		r.trouble(held("join", "ann", release))
		go r.join("room", 1, "ann", "")
		synctest.Wait()
		r.join("room", 2, "bob", "")
		r.want("room join bob")
		r.wantMembers("room", "bob:1")
		close(release)
		r.want("room join ann")
	})
}

func TestLeaveDuringAJoinIsNotLost(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		release := make(chan struct{})
		r.trouble(held("join", "ann", release))
		go r.join("room", 1, "ann", "")
		synctest.Wait()
		r.Leave("room", 1)
		pass(2 * grace)
		close(release)
		r.want("room join ann", "room leave ann")
		r.wantMembers("room")
	})
}

func TestJoinDuringALeaveComesAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, presence.Options{Grace: -1})
		release := make(chan struct{})
		r.join("room", 1, "ann", "")
		r.trouble(held("leave", "ann", release))
		r.Leave("room", 1)
		synctest.Wait()
		joined := make(chan struct{})
		go func() {
			defer close(joined)
			r.join("room", 2, "ann", "")
		}()
		synctest.Wait()
		select {
		case <-joined:
			t.Error("Join returned while the leave was under way")
		default:
		}
		close(release)
		<-joined
		r.want("room join ann", "room leave ann", "room join ann")
		r.wantMembers("room", "ann:1")
		r.close()
	})
}

func TestWaitOfAJoinEndsWithItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		release := make(chan struct{})
		r.trouble(held("join", "ann", release))
		go r.join("room", 1, "ann", "")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Join(ctx, "room", 100, 2, "ann", nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Join: %v", err)
		}
		close(release)
		r.want("room join ann")
		r.wantMembers("room", "ann:1")
	})
}

func TestBrokerThatHangsInTheBackgroundIsGivenUpAndAskedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.join("room", 1, "ann", "")
		r.trouble(held("leave", "ann", nil))
		r.Leave("room", 1)
		pass(time.Minute)
		r.trouble(nil)
		r.want("room join ann")
		pass(time.Minute)
		r.want("room leave ann")
	})
}

func TestMembersReportsTheBrokersError(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.trouble(once("members", false))
		if _, err := r.Members(t.Context(), "room", 1); !errors.Is(err, errLost) {
			t.Errorf("Members: %v", err)
		}
	})
}

var _ broker.Broker = (*node)(nil)
