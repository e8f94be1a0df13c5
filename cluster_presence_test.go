package live_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/livetopics/live/livetest"
)

func TestPresenceIsThatOfAllServers(t *testing.T) {
	inCluster(t, 2, identified(), rooms, func(t *testing.T, r *clusterRig) {
		ann := r.dial(t, 0, "ann")
		ann.Subscribe("shown:go", livetest.WithPresence())
		bob := r.dial(t, 1, "bob")
		if s := bob.Subscribe("shown:go", livetest.WithPresence()); s.Count != 2 || s.Members[0].User != "ann" {
			t.Errorf("bob is told %+v", s)
		}
		wantMember(t, ann, "join", "bob")
		r.dial(t, 0, "bob").Subscribe("shown:go") // is there already
		ann.ExpectNothing()
		bob.Cut()
		r.pass(15 * time.Second)
		ann.ExpectNothing()
		if m := ann.Presence("shown:go"); m.Count != 2 || m.List[1].Sessions != 1 {
			t.Errorf("present are %+v", m)
		}
	})
}

func TestMembersOfAServerThatDiedLeaveWithinItsLease(t *testing.T) {
	inCluster(t, 2, identified(), rooms, func(t *testing.T, r *clusterRig) {
		ann := r.dial(t, 0, "ann")
		ann.Subscribe("shown:go", livetest.WithPresence())
		bob := r.dial(t, 1, "bob")
		bob.Subscribe("shown:go")
		wantMember(t, ann, "join", "bob")
		r.cluster.Away(1)
		r.pass(25 * time.Second)
		wantMember(t, ann, "leave", "bob")
		if m := ann.Presence("shown:go"); m.Count != 1 {
			t.Errorf("present are %+v", m)
		}
		r.cluster.Back(1) // it had not died
		r.pass(5 * time.Second)
		wantMember(t, ann, "join", "bob")
		ann.ExpectNothing()
	})
}

func TestACrowdOfAServerThatDiedIsToldByACount(t *testing.T) {
	inCluster(t, 2, identified(), rooms, func(t *testing.T, r *clusterRig) {
		for n := range 8 {
			r.dial(t, 1, fmt.Sprint("user", n)).Subscribe("shown:go")
		}
		ann := r.dial(t, 0, "ann")
		ann.Subscribe("shown:go", livetest.WithPresence())
		r.pass(5 * time.Second)
		for range 2 { // each server tells what it knows
			if data := ann.ExpectEvent("shown:go", "count"); string(data) != `{"count":9}` {
				t.Errorf("the count is %s, want 9", data)
			}
		}
		r.cluster.Away(1)
		r.pass(25 * time.Second)
		if data := ann.ExpectEvent("shown:go", "count"); string(data) != `{"count":1}` {
			t.Errorf("the count is %s, want 1", data)
		}
		ann.ExpectNothing()
		r.cluster.Back()
	})
}

func TestWhoWatchesIsToldTheNumberWhenTheBrokerIsBack(t *testing.T) {
	inCluster(t, 2, identified(), rooms, func(t *testing.T, r *clusterRig) {
		ann := r.dial(t, 0, "ann")
		ann.Subscribe("shown:go", livetest.WithPresence())
		r.cluster.Away(0)
		r.pass(4 * time.Second)
		r.dial(t, 1, "bob").Subscribe("shown:go") // ann's server does not hear of it
		settle()
		r.cluster.Back(0)
		r.pass(4 * time.Second)
		if data := ann.ExpectEvent("shown:go", "count"); string(data) != `{"count":2}` {
			t.Errorf("the count is %s, want 2", data)
		}
		ann.ExpectNothing()
	})
}

// wantMember takes an event of presence.
func wantMember(t *testing.T, c *livetest.Client, event, user string) {
	t.Helper()
	data := c.ExpectEvent("shown:go", event)
	var m struct{ User string }
	decode(t, string(data), &m)
	if m.User != user {
		t.Errorf("%s is of %s, want %s", event, data, user)
	}
}

func TestUsersOfAServerThatShutsDownLeaveUnlessTheyComeBack(t *testing.T) {
	inCluster(t, 2, identified(), rooms, func(t *testing.T, r *clusterRig) {
		ann := r.dial(t, 0, "ann")
		ann.Subscribe("shown:go", livetest.WithPresence())
		for _, user := range []string{"bob", "cid"} {
			r.dial(t, 1, user).Subscribe("shown:go")
			wantMember(t, ann, "join", user)
		}
		if err := r.servers[1].Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		r.pass(5 * time.Second)
		r.dial(t, 0, "cid").Subscribe("shown:go")
		r.pass(20 * time.Second)
		wantMember(t, ann, "leave", "bob")
		ann.ExpectNothing()
		if m := ann.Presence("shown:go"); m.Count != 2 || m.List[1].Sessions != 1 {
			t.Errorf("present are %+v", m)
		}
	})
}
