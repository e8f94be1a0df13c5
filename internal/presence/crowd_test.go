package presence_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/internal/presence"
)

// fill joins users i to j-1, each with the session of that number.
func (r *rig) fill(limit, i, j int) {
	r.t.Helper()
	for ; i < j; i++ {
		r.joinLimited("room", limit, i, fmt.Sprint("u", i), "")
	}
}

func noGrace(t *testing.T, f func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, presence.Options{Grace: -1})
		f(t, r)
		r.close()
	})
}

func TestCrowdIsCountedFromTheEventThatMakesIt(t *testing.T) {
	noGrace(t, func(t *testing.T, r *rig) {
		r.fill(2, 0, 5)
		r.want("room join u0", "room join u1", "room join u2", "room count 3")
		pass(time.Second)
		r.want("room count 5")
		r.update("room", 0, "u0", "1")
		pass(time.Minute)
		r.want()
		r.fill(2, 5, 6)
		r.want("room count 6")
	})
}

func TestNumberThatIsTheSameAgainIsNotAnnounced(t *testing.T) {
	noGrace(t, func(t *testing.T, r *rig) {
		r.fill(2, 0, 5)
		pass(time.Minute)
		r.fill(2, 5, 6)
		r.take()
		r.fill(2, 6, 7)
		r.Leave("room", 3)
		pass(time.Minute)
		r.want()
	})
}

func TestCrowdEndsWithANumberWithinTheLimit(t *testing.T) {
	noGrace(t, func(t *testing.T, r *rig) {
		r.fill(2, 0, 5)
		pass(time.Minute)
		r.take()
		r.Leave("room", 0)
		r.want("room count 4")
		r.Leave("room", 1)
		r.Leave("room", 2)
		r.want()
		pass(time.Second)
		r.want("room count 2")
		r.Leave("room", 3)
		r.want("room leave u3")
		r.fill(2, 0, 1)
		r.want("room join u0")
	})
}

func TestCrowdOfWhichAllHaveGoneIsCountedOnceMore(t *testing.T) {
	noGrace(t, func(t *testing.T, r *rig) {
		r.fill(2, 0, 5)
		for i := range 5 {
			r.Leave("room", i)
		}
		r.take()
		pass(time.Second)
		r.want("room count 0")
		pass(time.Minute)
		r.want()
		r.wantNothingHeld()
	})
}

func TestTopicThatWaversAtItsLimitIsBounded(t *testing.T) {
	noGrace(t, func(t *testing.T, r *rig) {
		r.fill(10, 0, 10)
		pass(time.Minute)
		r.take()
		const seconds = 20
		for range seconds * 50 {
			r.fill(10, 10, 11)
			r.Leave("room", 10)
			pass(time.Second / 50)
		}
		events := r.take()
		counts := 0
		for _, ev := range events {
			if strings.Contains(ev, "count") {
				counts++
			}
		}
		if counts > seconds+1 || len(events) > 3*seconds {
			t.Errorf("%d events in %d seconds, %d of them counts", len(events), seconds, counts)
		}
		pass(time.Minute)
		if end := r.take(); len(events) > 0 && len(end) > 0 && end[len(end)-1] != "room count 10" {
			t.Errorf("the last events are %q", end)
		}
	})
}

func TestLimitOfZeroIsNone(t *testing.T) {
	noGrace(t, func(t *testing.T, r *rig) {
		r.fill(0, 0, 300)
		if n := len(r.take()); n != 300 {
			t.Errorf("%d events, want 300", n)
		}
	})
}

func TestCrowdOnOtherNodesIsLearnt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		a, b := rigOn(t, c, presence.Options{Grace: -1}), rigOn(t, c, presence.Options{Grace: -1})
		a.fill(5, 0, 8)
		pass(time.Minute)
		a.take()
		b.fill(5, 10, 14)
		b.want("room join u10", "room count 9") // the second to join here asks
		pass(time.Minute)
		b.want("room count 12")
		a.fill(5, 20, 21) // does not know of b's yet
		pass(time.Minute)
		if events := a.take(); len(events) == 0 || events[len(events)-1] != "room count 13" {
			t.Errorf("announced %q, the last should be 13", events)
		}
		a.close()
		b.close()
	})
}

// late holds back the answers to joins that have had their effect.
type late struct {
	*node
	hold chan struct{}
}

func (l late) Join(ctx context.Context, topic string, m broker.Member) (broker.Change, error) {
	change, err := l.node.Join(ctx, topic, m)
	<-l.hold
	return change, err
}

func TestMemberWhoIsOnTheWayIsNotCountedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t}
		hold := make(chan struct{}, 10)
		r.Tracker = presence.New(presence.Options{
			Broker:   late{newCluster(t).node(), hold},
			Announce: func(topic string, ev presence.Event) { r.note(show(topic, ev)) },
		})
		for range 3 {
			hold <- struct{}{}
		}
		r.fill(2, 0, 3)
		pass(time.Minute)
		r.take()
		go r.fill(2, 3, 4)
		synctest.Wait()
		if ms, err := r.Members(t.Context(), "room", 0); err != nil || ms.Count != 4 {
			t.Errorf("Members: %d, %v", ms.Count, err)
		}
		hold <- struct{}{}
		pass(time.Minute)
		r.want("room count 4")
		r.close()
	})
}

// 10,000 members, of whom a tenth leaves and comes back each second, as other
// sessions: at once, and after the grace.
func TestCrowdThatChurnsCostsAtMostOneEventASecond(t *testing.T) {
	for name, o := range map[string]presence.Options{"within the grace": {}, "without a grace": {Grace: -1}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const members, seconds, limit = 10_000, 30, 100
				r := newRig(t, o)
				r.fill(limit, 0, members)
				pass(time.Minute)
				r.take()
				calls := r.cluster.count("join") + r.cluster.count("leave")
				asked := r.cluster.count("members")
				for s := range seconds {
					for i := range members / 10 {
						user := (s*members/10 + i) % members
						r.Leave("room", user)
					}
					pass(time.Second / 2)
					for i := range members / 10 {
						user := (s*members/10 + i) % members
						r.joinLimited("room", limit, user, fmt.Sprint("u", user), "")
					}
					pass(time.Second / 2)
				}
				events := r.take()
				calls = r.cluster.count("join") + r.cluster.count("leave") - calls
				asked = r.cluster.count("members") - asked
				t.Logf("%d events, %d joins and leaves told, the total asked for %d times", len(events), calls, asked)
				if len(events) > seconds+1 {
					t.Errorf("%d events in %d seconds", len(events), seconds)
				}
				if moves := 2 * seconds * members / 10; calls > moves {
					t.Errorf("%d calls for %d moves", calls, moves)
				}
				if asked > 2*(seconds+1) {
					t.Errorf("the broker was asked %d times in %d seconds", asked, seconds)
				}
				if o.Grace == 0 && len(events)+calls > 0 {
					t.Errorf("noise within the grace: %d events, %d calls", len(events), calls)
				}
				r.close()
			})
		})
	}
}
