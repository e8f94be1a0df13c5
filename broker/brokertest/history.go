package brokertest

import (
	"fmt"
	"slices"
	"time"

	"github.com/livetopics/live/broker"
)

// some publishes n numbered messages, and returns their positions.
func some(r *rig, topic string, h broker.History, n int) []broker.Position {
	r.Helper()
	positions := make([]broker.Position, n)
	for i := range n {
		positions[i] = r.publish(0, broker.Message{Topic: topic, Data: numbered(0, i), History: h})
	}
	return positions
}

// wantPage checks that a page has these messages of some, in order, at their
// positions.
func wantPage(r *rig, what string, page broker.Page, positions []broker.Position, from, to int) {
	r.Helper()
	if newest := positions[len(positions)-1]; page.Position != newest {
		r.Errorf("%s: the position is %+v, want %+v", what, page.Position, newest)
	}
	var got, want []string
	for _, p := range page.Publications {
		got = append(got, fmt.Sprintf("%d: %s", p.Seq, p.Data))
	}
	for i := from; i < to; i++ {
		want = append(want, fmt.Sprintf("%d: %s", positions[i].Seq, numbered(0, i)))
	}
	if !slices.Equal(got, want) {
		r.Errorf("%s: the page has %q, want %q", what, got, want)
	}
}

func historyOfNothing(r *rig) {
	topic := r.topic("nothing")
	for _, followed := range []bool{false, true} {
		if followed {
			r.follow(0, topic, kept)
		}
		page := r.page(0, topic, kept, broker.Query{Limit: 10})
		if page.Seq != 0 || page.Floor != 0 || len(page.Publications) != 0 {
			r.Errorf("followed %v: the page is %+v", followed, page)
		}
	}
}

func historyAtOnce(r *rig) {
	m := broker.Message{Topic: r.topic("at-once"), Data: []byte("1"), History: kept}
	for i := range 100 {
		p := r.publish(0, m)
		page := r.page(0, m.Topic, kept, broker.Query{Newest: true, Limit: 1})
		if page.Position != p || len(page.Publications) != 1 || page.Publications[0].Seq != p.Seq {
			r.Fatalf("after publication %d at %+v, the page is %+v", i, p, page)
		}
	}
}

func historyIsWhole(r *rig) {
	topic := r.topic("whole-page")
	r.follow(0, topic, kept)
	m := broker.Message{Topic: topic, Key: "k", Origin: "o", Data: []byte(`{"n":1}`), History: kept}
	p := r.publish(0, m)
	page := r.page(0, topic, kept, broker.Query{Limit: 1})
	if page.Position != p || page.Floor != 0 || len(page.Publications) != 1 {
		r.Fatalf("the page is %+v", page)
	}
	got, live := page.Publications[0], r.delivered(0, topic, 1)[0]
	if got.Seq != p.Seq || got.Key != "k" || got.Origin != "o" || string(got.Data) != `{"n":1}` {
		r.Errorf("history has %+v", got)
	}
	if got.At != live.At {
		r.Errorf("history has it at %d, delivered at %d", got.At, live.At)
	}
	if at := time.UnixMilli(got.At); time.Since(at).Abs() > 24*time.Hour {
		r.Errorf("its time is %v: is it in milliseconds?", at)
	}
}

func historyPages(r *rig) {
	topic := r.topic("pages")
	const n = 20
	at := some(r, topic, kept, n)
	seq := func(i int) uint64 { return at[i].Seq }
	for _, c := range []struct {
		what     string
		q        broker.Query
		from, to int
	}{
		{"all", broker.Query{Limit: 100}, 0, n},
		{"the position alone", broker.Query{}, 0, 0},
		{"the first five", broker.Query{Limit: 5}, 0, 5},
		{"since the fifth", broker.Query{Since: seq(4), Limit: 100}, 5, n},
		{"three since the fifth", broker.Query{Since: seq(4), Limit: 3}, 5, 8},
		{"since the last but one", broker.Query{Since: seq(n - 2), Limit: 3}, n - 1, n},
		{"since the last", broker.Query{Since: seq(n - 1), Limit: 3}, 0, 0},
		{"since what is to come", broker.Query{Since: seq(n-1) + 1000, Limit: 3}, 0, 0},
		{"the newest four", broker.Query{Newest: true, Limit: 4}, n - 4, n},
		{"the newest hundred", broker.Query{Newest: true, Limit: 100}, 0, n},
		{"four before the tenth", broker.Query{Before: seq(9), Limit: 4}, 5, 9},
		{"all before the third", broker.Query{Before: seq(2), Limit: 100}, 0, 2},
		{"before the first", broker.Query{Before: seq(0), Limit: 3}, 0, 0},
		{"two before what is to come", broker.Query{Before: seq(n-1) + 1000, Limit: 2}, n - 2, n},
	} {
		page := r.page(0, topic, kept, c.q)
		wantPage(r, c.what, page, at, c.from, c.to)
		if page.Floor != 0 {
			r.Errorf("%s: Floor is %d, and nothing is gone", c.what, page.Floor)
		}
	}
}

func historyBytes(r *rig) {
	topic := r.topic("bytes")
	at := some(r, topic, kept, 9) // of five bytes each
	for _, c := range []struct {
		what string
		q    broker.Query
		most int
	}{
		{"one byte", broker.Query{Limit: 9, MaxBytes: 1}, 1},
		{"seventeen bytes", broker.Query{Limit: 9, MaxBytes: 17}, 4},
		{"seventeen bytes, newest", broker.Query{Newest: true, Limit: 9, MaxBytes: 17}, 4},
		{"seventeen bytes before", broker.Query{Before: at[8].Seq, Limit: 9, MaxBytes: 17}, 4},
		{"enough bytes", broker.Query{Limit: 9, MaxBytes: 1000}, 9},
	} {
		page := r.page(0, topic, kept, c.q)
		n := len(page.Publications)
		if n == 0 || n > c.most {
			r.Errorf("%s: the page has %d publications, want 1 to %d", c.what, n, c.most)
			continue
		}
		from := 0
		if c.q.Newest {
			from = len(at) - n
		} else if c.q.Before > 0 {
			from = len(at) - 1 - n
		}
		wantPage(r, c.what, page, at, from, from+n)
	}
}

func historySize(r *rig) {
	h := broker.History{Size: 5, Age: time.Hour}
	topic := r.topic("size")
	at := some(r, topic, h, 12)
	page := r.page(0, topic, h, broker.Query{Limit: 100})
	wantPage(r, "after twelve", page, at, 7, 12)
	if page.Floor < at[6].Seq || page.Floor >= at[7].Seq {
		r.Errorf("Floor is %d; gone is up to %d, there is from %d", page.Floor, at[6].Seq, at[7].Seq)
	}
	page = r.page(0, topic, h, broker.Query{Since: at[1].Seq, Limit: 2})
	wantPage(r, "since one that is gone", page, at, 7, 9)
}

func historyAge(r *rig) {
	h := broker.History{Size: 5, Age: time.Second}
	topic := r.topic("age")
	r.follow(0, topic, h)
	at := some(r, topic, h, 2)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		page := r.page(0, topic, h, broker.Query{Limit: 5})
		if page.Position != at[1] {
			r.Fatalf("the position is %+v, want %+v", page.Position, at[1])
		}
		if len(page.Publications) == 0 {
			if page.Floor != at[1].Seq {
				r.Errorf("Floor is %d, want %d", page.Floor, at[1].Seq)
			}
			break
		}
		select {
		case <-tick.C:
		case <-timer.C:
			r.Fatalf("%d publications are still there", len(page.Publications))
		}
	}
	next := r.publish(0, broker.Message{Topic: topic, Data: []byte("1"), History: h})
	if next.Epoch != at[1].Epoch || next.Seq <= at[1].Seq {
		r.Errorf("after %+v, which has expired, came %+v", at[1], next)
	}
}

func historyOfTopics(r *rig) {
	a, b := r.topic("a"), r.topic("b")
	at := some(r, a, kept, 3)
	some(r, b, kept, 5)
	wantPage(r, "a", r.page(0, a, kept, broker.Query{Limit: 100}), at, 0, 3)
}

func historyOff(r *rig) {
	topic := r.topic("off")
	r.publish(0, broker.Message{Topic: topic, Data: []byte("1")})
	page := r.page(0, topic, broker.History{}, broker.Query{Limit: 10})
	if page.Position != (broker.Position{}) || page.Floor != 0 || len(page.Publications) != 0 {
		r.Errorf("the page is %+v", page)
	}
}
