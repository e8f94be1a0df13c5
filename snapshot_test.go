package live_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/livetopics/live"
)

// TestSnapshotAndWhatFollowsAreTheTruth publishes all the while: each publication counts
// a state up, and each client's snapshot with what follows must make the same state.
func TestSnapshotAndWhatFollowsAreTheTruth(t *testing.T) {
	for name, history := range map[string]live.History{"with history": {Size: 10_000}, "without history": {}} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				var state atomic.Int64 // counted up before it is published
				rule := open
				rule.History = history
				rule.Snapshot = func(context.Context, *live.Session, live.Match) (any, error) { return state.Load(), nil }
				r := serve(t, kind, live.Options{QueueSize: 1 << 20, Limits: live.Limits{QueueBytes: 1 << 30}})
				r.server.Topic("n", rule)
				end := countAllTheWhile(t, r, &state)
				var reading sync.WaitGroup
				for range 4 {
					c := r.speaker(t)
					reading.Go(func() {
						for range 50 {
							checkSnapshot(t, c)
						}
					})
				}
				reading.Wait()
				end()
			})
		})
	}
}

// countAllTheWhile publishes ever higher numbers, at the pace at which one client reads
// them, until end is called.
func countAllTheWhile(t *testing.T, r *rig, state *atomic.Int64) (end func()) {
	reader, s := r.pair(t)
	r.subscribe(t, s, "n")
	pace, stop := make(chan struct{}, 64), make(chan struct{})
	for range cap(pace) {
		pace <- struct{}{}
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-pace:
				r.server.Publish("n", strconv.AppendInt(nil, state.Add(1), 10))
			}
		}
	})
	running.Go(func() {
		for {
			if _, err := reader.receive(); err != nil {
				return
			}
			pace <- struct{}{}
		}
	})
	return func() {
		close(stop)
		s.Close()
		running.Wait()
	}
}

// checkSnapshot subscribes, and reads until it has seen what was published after the
// snapshot; nothing between may lack.
func checkSnapshot(t *testing.T, c *speaker) {
	s := c.join(t, "n")
	at, err := strconv.Atoi(string(s.Snapshot))
	if err != nil {
		t.Errorf("the snapshot is %s", s.Snapshot)
		return
	}
	var p struct{ Data, Seq int }
	for fresh := 0; fresh < 20; {
		decode(t, c.next(t), &p)
		if p.Data > at+1 {
			t.Errorf("after the state %d came %d", at, p.Data)
			return
		}
		if s.Epoch != "" && p.Seq <= int(s.Seq) {
			t.Errorf("after the position %d came %d", s.Seq, p.Seq)
			return
		}
		if p.Data == at+1 {
			at++
			fresh++
		} else if fresh > 0 {
			t.Errorf("after the state %d came %d", at, p.Data)
			return
		}
	}
	c.do(t, `{"op":"unsubscribe","topic":"n"}`)
	c.kept = nil
}

// stateful has a snapshot.
func stateful(rule live.Rule, snapshot func(context.Context, *live.Session, live.Match) (any, error)) live.Rule {
	rule.Snapshot = snapshot
	return rule
}

func TestAnswersWithASnapshot(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		state := func(_ context.Context, s *live.Session, m live.Match) (any, error) {
			return map[string]any{"room": m.Param("room"), "me": s != nil}, nil
		}
		r := serve(t, kind, live.Options{})
		r.server.Topic("plain:{room}", stateful(open, state))
		r.server.Topic("kept:{room}", stateful(remembering(3), state))
		c := r.speaker(t)
		want := `{"me":true,"room":"x"}`
		if got := c.do(t, `{"op":"subscribe","topic":"plain:x"}`); got != `{"snapshot":`+want+`}` {
			t.Errorf("without history the result is %s", got)
		}
		r.publishNumbers(t, "kept:x", 1, 5)
		s := c.join(t, "kept:x")
		if string(s.Snapshot) != want || s.Seq != 5 || s.Epoch == "" {
			t.Errorf("with history the result is %+v", s)
		}
		c.wantNothing(t)
		r.publishNumbers(t, "kept:x", 6, 6)
		c.wantNumbered(t, "kept:x", 6, 6)
	})
}

func TestSinceWinsOverTheSnapshotWhereItRecoversInFull(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		var calls atomic.Int32
		r := serve(t, kind, live.Options{})
		r.server.Topic("h", stateful(remembering(3), func(context.Context, *live.Session, live.Match) (any, error) {
			calls.Add(1)
			return "state", nil
		}))
		c := r.speaker(t)
		epoch := c.join(t, "h").Epoch
		r.publishNumbers(t, "h", 1, 5)
		c.wantNumbered(t, "h", 1, 5)
		c = r.speaker(t)
		if s := c.rejoin(t, "h", epoch, 3); !s.recovered() || s.Snapshot != nil || calls.Load() != 1 {
			t.Errorf("the result is %+v after %d calls", s, calls.Load())
		}
		c.wantNumbered(t, "h", 4, 5)
		c = r.speaker(t)
		if s := c.rejoin(t, "h", epoch, 1); s.Recovered == nil || *s.Recovered || string(s.Snapshot) != `"state"` || s.Seq != 5 {
			t.Errorf("where a part is gone the result is %+v", s)
		}
		c.wantNothing(t)
	})
}

func TestASnapshotThatFailsRefusesTheSubscription(t *testing.T) {
	for name, c := range map[string]struct {
		state any
		err   error
		code  string
	}{
		"Errorf":      {nil, live.Errorf(live.CodeUnavailable, "later"), live.CodeUnavailable},
		"an error":    {nil, errors.New("secret"), live.CodeInternal},
		"unencodable": {make(chan int), nil, live.CodeInternal},
	} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				failing := func(context.Context, *live.Session, live.Match) (any, error) { return c.state, c.err }
				r := serve(t, kind, live.Options{})
				r.server.Topic("plain", stateful(open, failing))
				r.server.Topic("kept", stateful(remembering(3), failing))
				s, session := r.speakerPair(t)
				for _, topic := range []string{"plain", "kept"} {
					message := s.refused(t, c.code, fmt.Sprintf(`{"op":"subscribe","topic":%q}`, topic))
					if strings.Contains(message, "secret") {
						t.Errorf("the client was told %q", message)
					}
					r.publish(t, topic, "1")
				}
				s.wantNothing(t)
				if got := session.Topics(); len(got) != 0 {
					t.Errorf("subscribed to %v", got)
				}
			})
		})
	}
}

func TestAFailingSnapshotLeavesAnEarlierSubscriptionWhole(t *testing.T) {
	for name, rule := range map[string]live.Rule{"with history": remembering(100), "without": open} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				entered, release := make(chan bool), make(chan bool)
				r := serve(t, kind, live.Options{})
				r.server.Topic("h", stateful(rule, func(context.Context, *live.Session, live.Match) (any, error) {
					entered <- true
					<-release
					return nil, live.Errorf(live.CodeUnavailable, "later")
				}))
				c, s := r.speakerPair(t)
				r.subscribe(t, s, "h")
				var want []string
				publish := func(n int) {
					r.publish(t, "h", fmt.Sprint(n))
					if rule.History.On() {
						want = append(want, numbered("h", n))
					} else {
						want = append(want, envelope("h", fmt.Sprint(n)))
					}
				}
				publish(1)
				id := c.start(t, `{"op":"subscribe","topic":"h"}`)
				within(t, "Snapshot", entered)
				publish(2)
				publish(3)
				release <- true
				if got := c.await(t, id); got.Error == nil || got.Error.Code != live.CodeUnavailable {
					t.Errorf("the answer is %+v", got)
				}
				publish(4)
				c.wantFrames(t, want...)
				c.wantNothing(t)
			})
		})
	}
}

func TestASlowSnapshotMissesNothing(t *testing.T) {
	for name, rule := range map[string]live.Rule{"with history": remembering(20_000), "without": open} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				const n = 3000
				entered, release := make(chan bool, 1), make(chan bool)
				r := serve(t, kind, live.Options{QueueSize: 1 << 20})
				r.server.Topic("h", stateful(rule, func(context.Context, *live.Session, live.Match) (any, error) {
					entered <- true
					<-release
					return 0, nil
				}))
				c, other := r.speaker(t), r.speaker(t)
				id := c.start(t, `{"op":"subscribe","topic":"h"}`)
				within(t, "Snapshot", entered)
				other.do(t, `{"op":"ping"}`) // which is not delayed
				r.publishNumbers(t, "h", 1, n)
				close(release)
				if got := c.await(t, id); got.Error != nil || len(c.kept) > 0 {
					t.Fatalf("the answer is %+v, and before it came %v", got, c.kept)
				}
				r.publishNumbers(t, "h", n+1, n+1)
				for i := 1; i <= n+1; i++ {
					if want := fmt.Sprintf(`{"topic":"h","data":%d`, i); !strings.HasPrefix(c.next(t), want) {
						t.Fatalf("%d is missing", i)
					}
				}
				c.wantNothing(t)
			})
		})
	}
}

func TestASnapshotIsTakenAgainWhereTooMuchCameMeanwhile(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const n = 40_000 // more than is kept for a topic without history
		var calls, state atomic.Int64
		r := serve(t, kind, live.Options{})
		r.server.Topic("h", stateful(open, func(context.Context, *live.Session, live.Match) (any, error) {
			was := state.Load()
			if calls.Add(1) == 1 {
				r.publishNumbers(t, "h", 1, n)
				state.Store(n)
			}
			return was, nil
		}))
		c := r.speaker(t)
		if s := c.join(t, "h"); string(s.Snapshot) != fmt.Sprint(n) || calls.Load() != 2 {
			t.Errorf("after %d calls the result is %s", calls.Load(), s.Snapshot)
		}
		r.publish(t, "h", "0")
		c.wantFrames(t, envelope("h", "0"))
	})
}

func TestASnapshotForWhatTheServerSubscribedBefore(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		var state atomic.Int64
		r := serve(t, kind, live.Options{})
		r.server.Topic("h", stateful(remembering(100), func(context.Context, *live.Session, live.Match) (any, error) { return state.Load(), nil }))
		c, s := r.speakerPair(t)
		r.publishNumbers(t, "h", 1, 3)
		r.subscribe(t, s, "h")
		r.publishNumbers(t, "h", 4, 5)
		state.Store(5)
		if got := c.join(t, "h"); string(got.Snapshot) != "5" || got.Seq != 5 {
			t.Errorf("the result is %+v", got)
		}
		c.wantNumbered(t, "h", 4, 5) // came before the answer
		r.publishNumbers(t, "h", 6, 6)
		c.wantNumbered(t, "h", 6, 6)
		c.wantNothing(t)
	})
}
