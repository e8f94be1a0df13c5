package brokertest

import (
	"errors"
	"sync"

	"github.com/livetopics/live/broker"
)

func dedupOnce(r *rig) {
	topic := r.topic("dedup")
	r.follow(0, topic, kept)
	m := broker.Message{Topic: topic, Key: "k", Dedup: "d1", Data: []byte("1"), History: kept}
	first := r.publish(0, m)
	r.publish(0, broker.Message{Topic: topic, Data: []byte("2"), History: kept})
	for range 3 {
		if again := r.publish(0, m); again != first {
			r.Errorf("the repeat is at %+v, the first at %+v", again, first)
		}
	}
	m.Dedup = "d2"
	if other := r.publish(0, m); other.Seq <= first.Seq {
		r.Errorf("another Dedup is at %+v, the first at %+v", other, first)
	}
	if n := len(r.page(0, topic, kept, broker.Query{Limit: 100}).Publications); n != 3 {
		r.Errorf("%d are stored, want 3", n)
	}
	if n := len(r.settled(0, topic, kept)); n != 3 {
		r.Errorf("%d were delivered, want 3", n)
	}
}

func dedupConflict(r *rig) {
	for _, h := range []broker.History{kept, {}} {
		topic := r.topic("conflict")
		m := broker.Message{Topic: topic, Key: "k", Dedup: "d", Data: []byte("1"), History: h}
		if !h.On() {
			m.Topic += ":plain"
		}
		r.publish(0, m)
		data, key := m, m
		data.Data, key.Key = []byte("2"), "other"
		for what, other := range map[string]broker.Message{"data": data, "key": key} {
			if _, err := r.nodes[0].Publish(r.ctx, &other); !errors.Is(err, broker.ErrConflict) {
				r.Errorf("history %v, other %s: the error is %v, want ErrConflict", h.On(), what, err)
			}
		}
	}
}

func dedupTopics(r *rig) {
	for _, name := range []string{"topic-a", "topic-b"} {
		topic := r.topic(name)
		r.publish(0, broker.Message{Topic: topic, Dedup: "d", Data: []byte(`"` + name + `"`), History: kept})
		if n := len(r.page(0, topic, kept, broker.Query{Limit: 100}).Publications); n != 1 {
			r.Errorf("%s has %d publications, want 1", name, n)
		}
	}
}

func dedupWithoutHistory(r *rig) {
	topic := r.topic("dedup-plain")
	r.follow(0, topic, broker.History{})
	m := broker.Message{Topic: topic, Dedup: "d", Data: []byte("1")}
	for range 3 {
		if p := r.publish(0, m); p != (broker.Position{}) {
			r.Errorf("the position is %+v", p)
		}
	}
	if n := len(r.settled(0, topic, broker.History{})); n != 1 {
		r.Errorf("%d were delivered, want 1", n)
	}
}

func dedupAtOnce(r *rig) {
	topic := r.topic("dedup-at-once")
	r.follow(0, topic, kept)
	const repeats = 16
	positions := make([]broker.Position, repeats)
	errs := make([]error, repeats)
	var run sync.WaitGroup
	for i := range repeats {
		run.Go(func() {
			m := broker.Message{Topic: topic, Dedup: "d", Data: []byte("1"), History: kept}
			positions[i], errs[i] = r.nodes[i%len(r.nodes)].Publish(r.ctx, &m)
		})
	}
	run.Wait()
	for i, p := range positions {
		if errs[i] != nil || p != positions[0] {
			r.Errorf("repeat %d: %+v, %v; the first: %+v", i, p, errs[i], positions[0])
		}
	}
	if n := len(r.settled(0, topic, kept)); n != 1 {
		r.Errorf("%d were delivered, want 1", n)
	}
}
