package presence_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live/internal/presence"
)

func TestUserJoinsWithTheFirstSessionAndLeavesAfterTheGraceOfTheLast(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.join("room", 1, "ann", "{}")
		r.join("room", 2, "ann", "{}")
		r.want("room join ann {}")
		r.Leave("room", 1)
		pass(2 * grace)
		r.want()
		r.Leave("room", 2)
		pass(grace - little)
		r.want()
		pass(little)
		r.want("room leave ann {}")
		if told := r.cluster.told("room", "ann"); told != 0 {
			t.Errorf("the broker has %d sessions", told)
		}
	})
}

func TestReconnectWithinTheGraceMakesNoNoise(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.join("room", 0, "ann", "")
		r.want("room join ann")
		for i := range 20 {
			r.Leave("room", i)
			pass(grace - little)
			r.join("room", i+1, "ann", "")
		}
		r.want()
		if n := r.cluster.count("join") + r.cluster.count("leave"); n != 1 {
			t.Errorf("%d calls of the broker, want 1", n)
		}
	})
}

func TestEachGraceBeginsWithItsOwnLeave(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.join("room", 1, "ann", "")
		r.join("room", 2, "bob", "")
		r.Leave("room", 1)
		pass(grace / 2)
		r.Leave("room", 2)
		pass(time.Millisecond)
		r.join("room", 1, "ann", "")
		r.Leave("room", 1) // ann's is later than bob's now
		r.take()
		pass(grace / 2)
		r.want()
		pass(grace / 2)
		r.want("room leave bob", "room leave ann")
	})
}

func TestWithoutAGraceALeaveIsToldAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, presence.Options{Grace: -1})
		r.join("room", 1, "ann", "")
		r.Leave("room", 1)
		r.want("room join ann", "room leave ann")
		r.close()
	})
}

func TestMembersShowsTheNumberOfSessions(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.join("room", 1, "ann", "")
		r.join("room", 2, "bob", "")
		r.join("room", 3, "ann", "")
		r.wantMembers("room", "ann:2", "bob:1")
		r.Leave("room", 1)
		r.Leave("room", 2)
		r.wantMembers("room", "ann:1", "bob:0")
		pass(grace)
		r.wantMembers("room", "ann:1")
	})
}

func TestNumberOfSessionsReachesTheBroker(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		for i := range 5 {
			r.join("room", i, "ann", "")
		}
		pass(time.Second)
		synctest.Wait()
		if told := r.cluster.told("room", "ann"); told != 5 {
			t.Errorf("the broker was told %d sessions, want 5", told)
		}
		if n := r.cluster.count("join"); n != 2 {
			t.Errorf("%d calls, want 2", n)
		}
		r.want("room join ann")
	})
}

func TestMembersOfATopicWithLimit(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		for i := range 5 {
			r.join("room", i, string(rune('a'+i)), "")
		}
		for limit, want := range map[int]int{0: 0, 2: 2, 9: 5, -1: 5} {
			ms, err := r.Members(t.Context(), "room", limit)
			if err != nil || len(ms.List) != want || ms.Count != 5 {
				t.Errorf("Members(%d): %d of %d, %v; want %d of 5", limit, len(ms.List), ms.Count, err, want)
			}
		}
	})
}

func TestUpdateIsAnnouncedWhereTheInfoChanged(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.join("room", 1, "ann", `1`)
		r.update("room", 1, "ann", `2`)
		r.update("room", 1, "ann", `2`)
		r.update("room", 9, "zoe", `2`) // has not joined
		r.join("room", 1, "ann", `3`)   // a repeat with other info
		r.join("room", 1, "ann", `3`)
		r.join("room", 2, "ann", `4`)
		r.want("room join ann 1", "room update ann 2", "room update ann 3", "room update ann 4")
		r.wantMembers("room", "ann:2")
	})
}

func TestUpdateOfTheUserLeavesAtOnceAndJoins(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.join("room", 1, "ann", "")
		r.join("room", 2, "ann", "")
		r.update("room", 1, "bob", "")
		r.want("room join ann", "room join bob")
		r.wantMembers("room", "ann:1", "bob:1")
		r.update("room", 2, "bob", "")
		r.want("room leave ann")
		r.wantMembers("room", "bob:2")
		r.Leave("room", 1)
		r.Leave("room", 2)
		pass(grace)
		r.want("room leave bob")
	})
}

func TestRepeatsAndStrayLeavesChangeNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.Leave("room", 1)
		r.join("room", 1, "ann", "")
		r.join("room", 1, "ann", "")
		r.Leave("room", 2)
		r.Leave("other", 1)
		r.wantMembers("room", "ann:1")
		r.Leave("room", 1)
		r.Leave("room", 1)
		pass(grace)
		r.want("room join ann", "room leave ann")
		r.wantMembers("room")
	})
}

func TestTopicsAreApart(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.join("a", 1, "ann", "")
		r.join("b", 1, "ann", "")
		r.Leave("a", 1)
		pass(grace)
		r.want("a join ann", "b join ann", "a leave ann")
		r.wantMembers("b", "ann:1")
	})
}

func TestInfoIsCopied(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		info := []byte(`1`)
		if err := r.Join(t.Context(), "room", 0, 1, "ann", info); err != nil {
			t.Fatal(err)
		}
		info[0] = '2'
		ms, err := r.Members(t.Context(), "room", 1)
		if err != nil || string(ms.List[0].Info) != "1" {
			t.Errorf("Members: %+v, %v", ms, err)
		}
	})
}

func TestUserOfTwoNodesJoinsAndLeavesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t)
		a, b := rigOn(t, c, presence.Options{}), rigOn(t, c, presence.Options{})
		a.join("room", 1, "ann", "")
		b.join("room", 1, "ann", "")
		b.join("room", 2, "ann", "")
		b.wantMembers("room", "ann:3")
		a.Leave("room", 1)
		pass(grace)
		a.want("room join ann")
		b.want()
		a.wantMembers("room", "ann:2")
		b.close()
		b.want()
		a.wantMembers("room")
		a.close()
	})
}

func TestKindsHaveNames(t *testing.T) {
	for kind, want := range map[presence.Kind]string{
		presence.Join: "join", presence.Leave: "leave", presence.Update: "update", presence.Count: "count", 0: "unknown",
	} {
		if got := kind.String(); got != want {
			t.Errorf("Kind(%d) is %q, want %q", kind, got, want)
		}
	}
}
