package brokertest

import (
	"fmt"

	"github.com/livetopics/live/broker"
)

// join joins and checks what changed.
func join(r *rig, node int, topic string, m broker.Member, want broker.Change) {
	r.Helper()
	got, err := r.nodes[node].Join(r.ctx, topic, m)
	if err != nil || got != want {
		r.Fatalf("Join of %s on node %d: %s, %v; want %s", m.User, node, said(got), err, said(want))
	}
}

// leave leaves and checks what changed.
func leave(r *rig, node int, topic, user string, want broker.Change) {
	r.Helper()
	got, err := r.nodes[node].Leave(r.ctx, topic, user)
	if err != nil || got != want {
		r.Fatalf("Leave of %s on node %d: %s, %v; want %s", user, node, said(got), err, said(want))
	}
}

func said(c broker.Change) string {
	names := []string{"Unchanged", "Joined", "Updated", "Left"}
	if int(c) < len(names) {
		return names[c]
	}
	return fmt.Sprint("change ", c)
}

// wantMembers checks who is listed, each as user:info:sessions.
func wantMembers(r *rig, node int, topic string, limit, count int, want ...string) {
	r.Helper()
	all, err := r.nodes[node].Members(r.ctx, topic, limit)
	if err != nil {
		r.Fatalf("Members: %v", err)
	}
	var got []string
	for _, m := range all.List {
		got = append(got, fmt.Sprintf("%s:%s:%d", m.User, m.Info, m.Sessions))
	}
	if all.Count != count || fmt.Sprint(got) != fmt.Sprint(want) {
		r.Errorf("node %d lists %v of %d, want %v of %d", node, got, all.Count, want, count)
	}
}

func presenceChanges(r *rig) {
	topic := r.topic("presence")
	wantMembers(r, 0, topic, 10, 0)
	leave(r, 0, topic, "ann", broker.Unchanged)
	info := []byte(`{"a":1}`)
	join(r, 0, topic, broker.Member{User: "ann", Info: info, Sessions: 1}, broker.Joined)
	copy(info, `xxxxxxx`) // Info is copied
	wantMembers(r, 0, topic, 10, 1, `ann:{"a":1}:1`)
	join(r, 0, topic, broker.Member{User: "ann", Info: []byte(`{"a":1}`), Sessions: 2}, broker.Unchanged)
	wantMembers(r, 0, topic, 10, 1, `ann:{"a":1}:2`)
	join(r, 0, topic, broker.Member{User: "ann", Info: []byte(`{"a":2}`), Sessions: 2}, broker.Updated)
	wantMembers(r, 0, topic, 10, 1, `ann:{"a":2}:2`)
	leave(r, 0, topic, "bob", broker.Unchanged)
	leave(r, 0, topic, "ann", broker.Left)
	wantMembers(r, 0, topic, 10, 0)
	leave(r, 0, topic, "ann", broker.Unchanged)
	join(r, 0, topic, broker.Member{User: "ann", Sessions: 1}, broker.Joined)
	leave(r, 0, topic, "ann", broker.Left)
}

// joinAll joins users that are present once.
func joinAll(r *rig, topic string, users ...string) {
	r.Helper()
	for _, u := range users {
		join(r, 0, topic, broker.Member{User: u, Info: []byte("1"), Sessions: 1}, broker.Joined)
	}
}

func presenceOrder(r *rig) {
	topic := r.topic("presence-order")
	joinAll(r, topic, "d", "a", "c", "b")
	wantMembers(r, 0, topic, 10, 4, "d:1:1", "a:1:1", "c:1:1", "b:1:1")
	leave(r, 0, topic, "d", broker.Left)
	leave(r, 0, topic, "c", broker.Left)
	joinAll(r, topic, "d")
	wantMembers(r, 0, topic, 10, 3, "a:1:1", "b:1:1", "d:1:1")
	for _, u := range []string{"a", "b", "d"} {
		leave(r, 0, topic, u, broker.Left)
	}
}

func presenceLimit(r *rig) {
	topic := r.topic("presence-limit")
	joinAll(r, topic, "a", "b", "c")
	wantMembers(r, 0, topic, 2, 3, "a:1:1", "b:1:1")
	wantMembers(r, 0, topic, 0, 3)
}

func presenceTopics(r *rig) {
	a, b := r.topic("presence-a"), r.topic("presence-b")
	joinAll(r, a, "ann")
	joinAll(r, b, "ann", "bob")
	leave(r, 0, a, "ann", broker.Left)
	wantMembers(r, 0, a, 10, 0)
	wantMembers(r, 0, b, 10, 2, "ann:1:1", "bob:1:1")
}

func presenceNull(r *rig) {
	topic := r.topic("presence-null")
	join(r, 0, topic, broker.Member{User: "ann", Info: []byte("null"), Sessions: 1}, broker.Joined)
	join(r, 0, topic, broker.Member{User: "ann", Sessions: 1}, broker.Unchanged)
	wantMembers(r, 0, topic, 10, 1, "ann::1")
}
