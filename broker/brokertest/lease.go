package brokertest

import (
	"fmt"
	"slices"
	"time"

	"github.com/livetopics/live/broker"
)

// tend tends some nodes until they have told of n changes, and returns all those
// changes, sorted, each as node:topic:user:change.
func tend(r *rig, n int, nodes ...int) []string {
	r.Helper()
	var told []string
	timer := time.NewTimer(r.patience)
	defer timer.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		for _, node := range nodes {
			all, err := r.nodes[node].Tend(r.ctx)
			if err != nil {
				r.Fatalf("Tend of node %d: %v", node, err)
			}
			for _, m := range all {
				told = append(told, fmt.Sprintf("%s:%s:%s", m.Topic[len(r.prefix):], m.Member.User, said(m.Change)))
			}
		}
		if len(told) >= n {
			slices.Sort(told)
			return told
		}
		select {
		case <-tick.C:
		case <-timer.C:
			r.Fatalf("Tend told %q, want %d changes", told, n)
		}
	}
}

func wantTold(r *rig, got []string, want ...string) {
	r.Helper()
	if !slices.Equal(got, want) {
		r.Errorf("Tend told %q, want %q", got, want)
	}
}

func tendAlone(r *rig) {
	topic := r.topic("tend-alone")
	joinAll(r, topic, "ann")
	for range 5 {
		wantTold(r, tend(r, 0, 0))
	}
	wantMembers(r, 0, topic, 10, 1, "ann:1:1")
	if err := r.nodes[0].Err(); err != nil {
		r.Errorf("Err is %v", err)
	}
}

func nodesDead(r *rig) {
	a, b := r.topic("dead-a"), r.topic("dead-b")
	once := broker.Member{User: "ann", Info: []byte("1"), Sessions: 1}
	join(r, 0, a, once, broker.Joined)
	join(r, 0, b, once, broker.Joined)
	join(r, 1, b, once, broker.Unchanged)
	join(r, 2, a, broker.Member{User: "bob", Info: []byte("1"), Sessions: 1}, broker.Joined)
	wantTold(r, tend(r, 1, 1, 2), "dead-a:ann:Left")
	for range 3 {
		wantTold(r, tend(r, 0, 1, 2))
	}
	wantMembers(r, 1, a, 10, 1, "bob:1:1")
	wantMembers(r, 2, b, 10, 1, "ann:1:1")
}

func nodesRevived(r *rig) {
	a, b := r.topic("revived-a"), r.topic("revived-b")
	once := broker.Member{User: "ann", Info: []byte("1"), Sessions: 1}
	join(r, 0, a, once, broker.Joined)
	join(r, 0, b, once, broker.Joined)
	join(r, 1, b, once, broker.Unchanged)
	wantTold(r, tend(r, 1, 1), "revived-a:ann:Left")
	wantMembers(r, 1, a, 10, 0)
	wantTold(r, tend(r, 1, 0), "revived-a:ann:Joined")
	for range 3 {
		wantTold(r, tend(r, 0, 0, 1))
	}
	wantMembers(r, 1, a, 10, 1, "ann:1:1")
	wantMembers(r, 1, b, 10, 1, "ann:1:2")
	leave(r, 0, a, "ann", broker.Left)
}
