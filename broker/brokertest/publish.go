package brokertest

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/livetopics/live/broker"
)

func publicationIsWhole(r *rig) {
	topic := r.topic("whole")
	r.follow(0, topic, kept)
	p := r.publish(0, broker.Message{Topic: topic, Key: "k", Origin: "o", Data: []byte(`{"n":1}`), History: kept})
	if p.Epoch == "" || p.Seq == 0 {
		r.Errorf("the position is %+v on a topic with history", p)
	}
	d := r.delivered(0, topic, 1)[0]
	if d.epoch != p.Epoch || d.Seq != p.Seq {
		r.Errorf("delivered at %s %d, Publish returned %+v", d.epoch, d.Seq, p)
	}
	if d.Key != "k" || d.Origin != "o" || string(d.Data) != `{"n":1}` || d.At == 0 {
		r.Errorf("delivered %+v", d)
	}
}

func noHistoryNoPosition(r *rig) {
	topic := r.topic("plain")
	r.follow(0, topic, broker.History{})
	if p := r.publish(0, broker.Message{Topic: topic, Key: "k", Origin: "o", Data: []byte("1")}); p != (broker.Position{}) {
		r.Errorf("the position is %+v", p)
	}
	d := r.delivered(0, topic, 1)[0]
	if d.epoch != "" || d.Seq != 0 || d.At != 0 || d.Key != "k" || d.Origin != "o" || string(d.Data) != "1" {
		r.Errorf("delivered %+v", d)
	}
}

func positionsGrow(r *rig) {
	m := broker.Message{Topic: r.topic("grow"), Data: []byte("1"), History: kept}
	last := r.publish(0, m)
	for range 50 {
		p := r.publish(0, m)
		if p.Epoch != last.Epoch || p.Seq <= last.Seq || p.Seq >= 1<<53 {
			r.Fatalf("after %+v came %+v", last, p)
		}
		last = p
	}
}

func orderWithHistory(r *rig)    { order(r, kept) }
func orderWithoutHistory(r *rig) { order(r, broker.History{}) }

func order(r *rig, h broker.History) {
	topic := r.topic("order")
	r.follow(0, topic, h)
	const n = 500
	for i := range n {
		r.publish(0, broker.Message{Topic: topic, Data: numbered(0, i), History: h})
	}
	all := r.settled(0, topic, h)
	for i, d := range all {
		if !bytes.Equal(d.Data, numbered(0, i)) {
			r.Fatalf("delivery %d is %s", i, d.Data)
		}
	}
	if len(all) != n {
		r.Errorf("%d were delivered, want %d", len(all), n)
	}
}

// crowd publishes from several goroutines, on all nodes. It returns at once; wait
// returns, when all have published, what was acknowledged, by data.
func crowd(r *rig, topic string, publishers, each int) (wait func() map[string]broker.Position) {
	var mu sync.Mutex // guards failed and acked
	var run sync.WaitGroup
	var failed error
	acked := make(map[string]broker.Position)
	for i := range publishers {
		run.Go(func() { // owner: the case, which calls wait; ends when it has published each
			for j := range each {
				m := broker.Message{Topic: topic, Data: numbered(i, j), History: kept}
				p, err := r.nodes[i%len(r.nodes)].Publish(r.ctx, &m)
				mu.Lock()
				if err != nil {
					failed = err
				} else if _, twice := acked[string(m.Data)]; twice {
					failed = fmt.Errorf("%s was acknowledged twice", m.Data)
				}
				acked[string(m.Data)] = p
				mu.Unlock()
			}
		})
	}
	return func() map[string]broker.Position {
		run.Wait()
		if failed != nil {
			r.Fatalf("Publish: %v", failed)
		}
		return acked
	}
}

// wantAll checks that what came is all that was acknowledged, once, in order and
// at its position.
func wantAll(r *rig, what string, came []delivery, acked map[string]broker.Position) {
	r.Helper()
	last := uint64(0)
	for i, d := range came {
		p, ok := acked[string(d.Data)]
		if !ok || p.Seq != d.Seq || p.Epoch != d.epoch {
			r.Fatalf("%s: number %d is %s at %s %d, acknowledged at %+v", what, i, d.Data, d.epoch, d.Seq, p)
		}
		if d.Seq <= last {
			r.Fatalf("%s: number %d at %d comes after %d", what, i, d.Seq, last)
		}
		last = d.Seq
	}
	if len(came) != len(acked) {
		r.Errorf("%s: %d came, %d were acknowledged", what, len(came), len(acked))
	}
}

func oneOrder(r *rig) {
	topic := r.topic("crowd")
	r.follow(0, topic, kept)
	acked := crowd(r, topic, 8, 100)()
	wantAll(r, "delivered", r.settled(0, topic, kept), acked)
}

func dataIsCopied(r *rig) {
	for _, h := range []broker.History{kept, {}} {
		topic := r.topic(fmt.Sprint("copied", h.Size))
		r.follow(0, topic, h)
		data := []byte(`"before"`)
		r.publish(0, broker.Message{Topic: topic, Data: data, History: h})
		copy(data, `"after!"`)
		if d := r.delivered(0, topic, 1)[0]; string(d.Data) != `"before"` {
			r.Errorf("history %v: delivered %s", h.On(), d.Data)
		}
		for _, p := range r.page(0, topic, h, broker.Query{Limit: 1}).Publications {
			if string(p.Data) != `"before"` {
				r.Errorf("history has %s", p.Data)
			}
		}
	}
}

func followTwice(r *rig) {
	topic := r.topic("twice")
	r.follow(0, topic, kept)
	r.follow(0, topic, kept)
	r.publish(0, broker.Message{Topic: topic, Data: []byte("1"), History: kept})
	if n := len(r.settled(0, topic, kept)); n != 1 {
		r.Errorf("delivered %d times", n)
	}
}

func followAgain(r *rig) {
	topic := r.topic("again")
	for range 3 {
		r.follow(0, topic, kept)
		r.publish(0, broker.Message{Topic: topic, Data: []byte("1"), History: kept})
		r.settled(0, topic, kept)
		if err := r.nodes[0].Unfollow(topic); err != nil {
			r.Fatalf("Unfollow: %v", err)
		}
	}
}

func unfollowUnknown(r *rig) {
	if err := r.nodes[0].Unfollow(r.topic("unknown")); err != nil {
		r.Errorf("Unfollow: %v", err)
	}
}

func largeData(r *rig) {
	topic := r.topic("large")
	r.follow(0, topic, kept)
	data := bytes.Repeat([]byte("0123456789abcdef"), 4096)
	r.publish(0, broker.Message{Topic: topic, Data: data, History: kept})
	if d := r.delivered(0, topic, 1)[0]; !bytes.Equal(d.Data, data) {
		r.Errorf("%d bytes were delivered, want %d", len(d.Data), len(data))
	}
	page := r.page(0, topic, kept, broker.Query{Limit: 1})
	if len(page.Publications) != 1 || !bytes.Equal(page.Publications[0].Data, data) {
		r.Errorf("history has not what was published")
	}
}
