package natsbroker_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/natsbroker"
)

// many is more topics than fit into one question.
const many = 2500

// atOnce calls f with the number of each topic, by many callers at once.
func atOnce(n int, f func(i int)) {
	var run sync.WaitGroup
	next := make(chan int)
	for range 256 {
		run.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	run.Wait()
}

// name is the i-th of many topics.
func name(i int) string { return fmt.Sprint("chat:", i) }

// scattered publishes twice to one topic in three.
func scattered(t *testing.T, from *natsbroker.Broker) (first, second []broker.Position) {
	t.Helper()
	first, second = make([]broker.Position, many), make([]broker.Position, many)
	for _, positions := range [][]broker.Position{first, second} {
		atOnce(many, func(i int) {
			if i%3 == 0 {
				positions[i] = publish(t, from, name(i), fmt.Sprint(i))
			}
		})
	}
	return first, second
}

func TestManyTopicsRecoveredAtOnceHaveWhatEachMissed(t *testing.T) {
	o := options()
	o.Replicas = 3
	from := open(t, trio(t)[0], o, func(string, string, *broker.Publication) {})
	t.Cleanup(func() { closeIt(t, tidy{from}) })
	at := open(t, trio(t)[2], o, func(string, string, *broker.Publication) {})
	t.Cleanup(func() { closeIt(t, at) })
	first, second := scattered(t, from)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	asked := at.Stats().Asked
	atOnce(many, func(i int) {
		q := broker.Query{Since: first[i].Seq, Limit: 32, MaxBytes: 4096}
		if i%3 != 0 {
			q.Since = first[0].Seq
		}
		page, err := at.History(ctx, name(i), kept, q)
		switch {
		case err != nil:
			t.Errorf("%s: %v", name(i), err)
		case page.Floor > q.Since || page.Seq < q.Since:
			t.Errorf("%s: since %d: the page is %+v", name(i), q.Since, page)
		case i%3 != 0 && len(page.Publications) != 0:
			t.Errorf("%s: there is %+v, and nothing was published", name(i), page)
		case i%3 == 0 && (len(page.Publications) != 1 || page.Position != second[i]):
			t.Errorf("%s: the page is %+v, want what is at %+v", name(i), page, second[i])
		}
	})
	if n := at.Stats().Asked - asked; n > many/10 {
		t.Errorf("%d requests were made for the newest of %d topics", n, many)
	}
}

func TestWhoHasAllIsToldThePosition(t *testing.T) {
	b := open(t, single(t), options(), func(string, string, *broker.Publication) {})
	t.Cleanup(func() { closeIt(t, tidy{b}) })
	publish(t, b, "room", "1")
	last := publish(t, b, "room", "2")
	publish(t, b, "another", "3")
	page, err := b.History(t.Context(), "room", kept, broker.Query{Since: last.Seq, Limit: 32})
	if err != nil || page.Position != last || page.Floor != 0 || len(page.Publications) != 0 {
		t.Errorf("the page is %+v, %v; want nothing after %+v", page, err, last)
	}
}

func TestWhatMadeRoomSinceIsSaidToBeGone(t *testing.T) {
	h := broker.History{Name: "small", Size: 3, Age: time.Hour}
	b := open(t, single(t), options(), func(string, string, *broker.Publication) {})
	t.Cleanup(func() { closeIt(t, tidy{b}) })
	var at []broker.Position
	for i := range 10 {
		p, err := b.Publish(t.Context(), &broker.Message{Topic: "room", Data: []byte{'0' + byte(i)}, History: h})
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, p)
	}
	for since, want := range map[int]int{1: 6, 4: 6, 5: 6, 6: 0, 7: 0, 8: 0, 9: 0} {
		page, err := b.History(t.Context(), "room", h, broker.Query{Since: at[since].Seq, Limit: 32})
		floor := uint64(0)
		if want > 0 {
			floor = at[want].Seq
		}
		if got := len(page.Publications); err != nil || page.Position != at[9] || page.Floor != floor || got != min(3, 9-since) {
			t.Errorf("since publication %d at %+v: the page is %+v, %v; want floor %d", since, at[since], page, err, floor)
		}
	}
}

func TestWhatMadeRoomInManyTopicsIsSaidToBeGone(t *testing.T) {
	h := broker.History{Name: "smaller", Size: 2, Age: time.Hour}
	b := open(t, single(t), options(), func(string, string, *broker.Publication) {})
	t.Cleanup(func() { closeIt(t, tidy{b}) })
	const topics, each = 300, 6
	at := make([][]broker.Position, topics)
	for n := range each {
		atOnce(topics, func(i int) {
			p, err := b.Publish(t.Context(), &broker.Message{Topic: name(i), Data: []byte{'0' + byte(n)}, History: h})
			if err != nil {
				t.Errorf("Publish to %s: %v", name(i), err)
			}
			at[i] = append(at[i], p)
		})
	}
	for since := range each {
		atOnce(topics, func(i int) {
			page, err := b.History(t.Context(), name(i), h, broker.Query{Since: at[i][since].Seq, Limit: 10})
			floor, want := uint64(0), min(2, each-1-since)
			if since < each-3 {
				floor = at[i][each-3].Seq
			}
			got := page.Publications
			if err != nil || page.Position != at[i][each-1] || page.Floor != floor || len(got) != want ||
				want > 0 && (got[0].Seq != at[i][each-want].Seq || string(got[0].Data) != fmt.Sprint(each-want)) {
				t.Errorf("%s since publication %d: the page is %+v, %v; want floor %d", name(i), since, page, err, floor)
			}
		})
	}
	if b.Stats().Tails == 0 {
		t.Error("the stream's end was never read for many")
	}
}
