package natsbroker_test

import (
	"slices"
	"testing"

	"github.com/livetopics/live/broker"
)

// leaves tends a node until it tells that these left, once each.
func leaves(t *testing.T, b broker.Broker, users ...string) {
	t.Helper()
	var left []string
	eventually(t, "they leave", func() bool {
		moved, err := b.Tend(t.Context())
		if err != nil {
			t.Fatalf("Tend: %v", err)
		}
		for _, m := range moved {
			if m.Change != broker.Left || string(m.Member.Info) != "1" {
				t.Errorf("told %+v", m)
			}
			left = append(left, m.Member.User)
		}
		return len(left) >= len(users)
	})
	if slices.Sort(left); !slices.Equal(left, users) {
		t.Errorf("told that %q left, want %q", left, users)
	}
}

func TestMembersOfANodeThatHasNoLeaseLeave(t *testing.T) {
	o := options()
	ignore := func(string, string, *broker.Publication) {}
	a, b := open(t, trio(t)[0], o, ignore), open(t, trio(t)[1], o, ignore)
	defer closeIt(t, b)
	for _, user := range []string{"ann", "bob"} {
		if _, err := a.Join(t.Context(), "room", broker.Member{User: user, Info: []byte("1"), Sessions: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Join(t.Context(), "room", broker.Member{User: "cat", Info: []byte("1"), Sessions: 1}); err != nil {
		t.Fatal(err)
	}
	if err := a.DropLease(); err != nil {
		t.Fatal(err)
	}
	closeIt(t, a)
	leaves(t, b, "ann", "bob")
	if m, err := b.Members(t.Context(), "room", 10); err != nil || m.Count != 1 {
		t.Errorf("there are %+v, %v", m, err)
	}
}

func TestARegistrationThatItsNodeDoesNotKnowOfEnds(t *testing.T) {
	o := options()
	b := open(t, single(t), o, func(string, string, *broker.Publication) {})
	defer closeIt(t, b)
	for _, user := range []string{"ann", "bob"} {
		if _, err := b.Join(t.Context(), "room", broker.Member{User: user, Info: []byte("1"), Sessions: 1}); err != nil {
			t.Fatal(err)
		}
	}
	b.Forget("room", "ann")
	leaves(t, b, "ann")
	if m, err := b.Members(t.Context(), "room", 10); err != nil || m.Count != 1 || m.List[0].User != "bob" {
		t.Errorf("there are %+v, %v", m, err)
	}
}
