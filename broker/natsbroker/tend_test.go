package natsbroker_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/livetopics/live/broker"
)

func TestMembersOfAKilledNodeLeaveAndAreNotDoubledWhenItComesBack(t *testing.T) {
	o := options()
	ignore := func(string, string, *broker.Publication) {}
	a, b := open(t, single(t), o, ignore), open(t, single(t), o, ignore)
	defer closeIt(t, b)
	const users = 40
	for i := range users {
		m := broker.Member{User: fmt.Sprint("user", i), Info: []byte("1"), Sessions: 1}
		if c, err := a.Join(t.Context(), "room", m); err != nil || c != broker.Joined {
			t.Fatalf("Join: %v, %v", c, err)
		}
	}
	closeIt(t, a) // without a word, as if it were killed
	again := open(t, single(t), o, ignore)
	defer closeIt(t, again)
	back := broker.Member{User: "user0", Info: []byte("1"), Sessions: 2}
	if c, err := again.Join(t.Context(), "room", back); err != nil || c != broker.Unchanged {
		t.Fatalf("Join of the node that came back: %v, %v", c, err)
	}
	var left []string
	eventually(t, "the others are gone", func() bool {
		for _, n := range []broker.Broker{b, again} {
			moved, err := n.Tend(t.Context())
			if err != nil {
				t.Fatalf("Tend: %v", err)
			}
			for _, m := range moved {
				if m.Change != broker.Left || m.Topic != "room" || string(m.Member.Info) != "1" {
					t.Errorf("told %+v", m)
				}
				left = append(left, m.Member.User)
			}
		}
		return len(left) >= users-1
	})
	slices.Sort(left)
	if len(slices.Compact(left)) != users-1 || slices.Contains(left, "user0") {
		t.Errorf("told that these left: %v", left)
	}
	m, err := b.Members(t.Context(), "room", 100)
	if err != nil || m.Count != 1 || len(m.List) != 1 || m.List[0].User != "user0" || m.List[0].Sessions != 2 {
		t.Errorf("there are %+v, %v", m, err)
	}
}

func TestACrowdIsCountedAndListedInPart(t *testing.T) {
	b := open(t, single(t), options(), func(string, string, *broker.Publication) {})
	defer closeIt(t, b)
	const users = 1500
	errs := make(chan error, users)
	for i := range users {
		go func() { // owner: the test, which takes its error; ends with it
			_, err := b.Join(t.Context(), "room", broker.Member{User: fmt.Sprint(i), Sessions: 1})
			errs <- err
		}()
	}
	for range users {
		if err := <-errs; err != nil {
			t.Fatalf("Join: %v", err)
		}
	}
	for _, limit := range []int{0, 10, 101} {
		m, err := b.Members(t.Context(), "room", limit)
		if err != nil || m.Count != users || len(m.List) != limit {
			t.Errorf("of %d, %d are listed, want %d: %v", m.Count, len(m.List), limit, err)
		}
	}
}
