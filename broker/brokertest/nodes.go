package brokertest

import (
	"errors"
	"fmt"

	"github.com/livetopics/live/broker"
)

func followOnAll(r *rig, topic string, h broker.History) {
	r.Helper()
	for i := range r.nodes {
		r.follow(i, topic, h)
	}
}

func nodesDeliver(r *rig) {
	for _, h := range []broker.History{kept, {}} {
		topic := r.topic(fmt.Sprint("reach", h.Size))
		followOnAll(r, topic, h)
		const n = 50
		for i := range n {
			r.publish(0, broker.Message{Topic: topic, Key: "k", Origin: "o", Data: numbered(0, i), History: h})
		}
		r.publish(0, broker.Message{Topic: topic, Data: []byte("0"), History: h}) // nothing comes after it
		for node := range r.nodes {
			all := r.delivered(node, topic, n+1)
			for i, d := range all[:n] {
				if string(d.Data) != string(numbered(0, i)) || d.Key != "k" || d.Origin != "o" {
					r.Fatalf("history %v, node %d: delivery %d is %+v", h.On(), node, i, d)
				}
			}
			if len(all) != n+1 {
				r.Errorf("history %v, node %d: %d deliveries, want %d", h.On(), node, len(all), n+1)
			}
		}
	}
}

func nodesOrder(r *rig) {
	topic := r.topic("nodes-order")
	followOnAll(r, topic, kept)
	acked := crowd(r, topic, 6, 100)()
	for node := range r.nodes {
		wantAll(r, fmt.Sprint("node ", node), r.delivered(node, topic, len(acked)), acked)
	}
}

func nodesHistory(r *rig) {
	topic := r.topic("nodes-history")
	for i := range 50 {
		p := r.publish(i%2, broker.Message{Topic: topic, Data: numbered(0, i), History: kept})
		page := r.page(1-i%2, topic, kept, broker.Query{Newest: true, Limit: 1})
		if page.Position != p || len(page.Publications) != 1 || page.Publications[0].Seq != p.Seq {
			r.Fatalf("published on one node at %+v, the other's page is %+v", p, page)
		}
	}
}

func nodesPagesAndLive(r *rig) {
	topic := r.topic("nodes-paging")
	r.follow(1, topic, kept)
	wholeForReaders(r, 1, topic)
}

func nodesDedup(r *rig) {
	dedupAtOnce(r)
	topic := r.topic("nodes-dedup")
	m := broker.Message{Topic: topic, Dedup: "d", Data: []byte("1"), History: kept}
	first := r.publish(0, m)
	if again := r.publish(1, m); again != first {
		r.Errorf("the repeat on another node is at %+v, the first at %+v", again, first)
	}
	m.Data = []byte("2")
	if _, err := r.nodes[1].Publish(r.ctx, &m); !errors.Is(err, broker.ErrConflict) {
		r.Errorf("other data on another node: the error is %v, want ErrConflict", err)
	}
}

func nodesWildcard(r *rig) {
	for _, c := range []struct {
		wildcard, topic string
		h               broker.History
	}{
		{"one:*", "one:a", broker.History{}},
		{"rest:**", "rest:a", broker.History{}},
		{"rest:**", "rest:a:b", broker.History{}},
		{"kept:*", "kept:a", kept},
		{"kept:**", "kept:a:b", kept},
	} {
		r.follow(1, r.topic(c.wildcard), broker.History{})
		topic := r.topic(c.topic)
		p := r.publish(0, broker.Message{Topic: topic, Data: []byte("1"), History: c.h})
		all := r.delivered(1, topic, 1)
		if len(all) != 1 || all[0].epoch != p.Epoch || all[0].Seq != p.Seq {
			r.Errorf("%s: of %s, published at %+v, were delivered %+v", c.wildcard, c.topic, p, all)
		}
	}
}

func nodesOverlap(r *rig) {
	for _, h := range []broker.History{kept, {}} {
		prefix := fmt.Sprint("overlap", h.Size)
		topic := r.topic(prefix + ":a")
		r.follow(1, r.topic(prefix+":*"), broker.History{})
		r.follow(1, topic, h)
		r.follow(1, r.topic(prefix+":**"), broker.History{})
		const n = 20
		for i := range n {
			r.publish(0, broker.Message{Topic: topic, Data: numbered(0, i), History: h})
		}
		for i, d := range r.settledAfter(0, 1, topic, h) {
			if i >= n || string(d.Data) != string(numbered(0, i)) {
				r.Fatalf("history %v: delivery %d is %s", h.On(), i, d.Data)
			}
		}
		if err := r.nodes[1].Unfollow(topic); err != nil {
			r.Fatalf("Unfollow: %v", err)
		}
		r.publish(0, broker.Message{Topic: topic, Key: "last", Data: []byte("0"), History: h})
		if all := r.delivered(1, topic, n+2); all[n+1].Key != "last" {
			r.Errorf("history %v: the wildcards deliver %+v when the name is not followed any more", h.On(), all[n+1])
		}
	}
}

func nodesPresence(r *rig) {
	topic := r.topic("nodes-presence")
	ann := broker.Member{User: "ann", Info: []byte("1"), Sessions: 1}
	join(r, 0, topic, ann, broker.Joined)
	join(r, 1, topic, ann, broker.Unchanged)
	wantMembers(r, 0, topic, 10, 1, "ann:1:2")
	leave(r, 0, topic, "ann", broker.Unchanged)
	wantMembers(r, 0, topic, 10, 1, "ann:1:1")
	leave(r, 0, topic, "ann", broker.Unchanged)
	leave(r, 1, topic, "ann", broker.Left)
	wantMembers(r, 0, topic, 10, 0)
}

func nodesMembers(r *rig) {
	topic := r.topic("nodes-members")
	for i, user := range []string{"c", "a", "b"} {
		join(r, i%2, topic, broker.Member{User: user, Info: []byte("1"), Sessions: 1}, broker.Joined)
	}
	join(r, 1, topic, broker.Member{User: "a", Info: []byte("2"), Sessions: 3}, broker.Updated)
	for node := range r.nodes {
		wantMembers(r, node, topic, 10, 3, "c:1:1", "a:2:3", "b:1:1")
		wantMembers(r, node, topic, 2, 3, "c:1:1", "a:2:3")
	}
}
