package natsbroker_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/natsbroker"
)

// dropOnce loses the n-th to the m-th publication that come.
func dropFrom(b *natsbroker.Broker, n, m int64) {
	var came atomic.Int64
	b.Drop(func(string) bool {
		i := came.Add(1)
		return n <= i && i <= m
	})
}

func TestAHoleIsFilledBeforeWhatComesAfterIt(t *testing.T) {
	var r record
	b := open(t, single(t), options(), r.deliver)
	defer closeIt(t, b)
	follow(t, b, "room", kept)
	dropFrom(b, 2, 4)
	for _, data := range []string{"1", "2", "3", "4", "5", "6"} {
		publish(t, b, "room", data)
	}
	r.wait(t, "room", "1", "2", "3", "4", "5", "6")
	if s := b.Stats(); s.Holes == 0 || s.Filled < 3 || s.Lost != 0 {
		t.Errorf("the counts are %+v", s)
	}
}

func TestAHoleAtTheEndIsFilledAfterAnAcknowledgement(t *testing.T) {
	var r record
	b := open(t, single(t), options(), r.deliver)
	defer closeIt(t, b)
	follow(t, b, "room", kept)
	dropFrom(b, 2, 3)
	for _, data := range []string{"1", "2", "3"} {
		publish(t, b, "room", data)
	}
	r.wait(t, "room", "1", "2", "3")
}

func TestAHoleAtTheEndIsFilledByComparing(t *testing.T) {
	var r record
	o := options()
	o.CheckEvery = 200 * time.Millisecond
	a := open(t, single(t), o, func(string, string, *broker.Publication) {})
	defer closeIt(t, a)
	b := open(t, single(t), o, r.deliver)
	defer closeIt(t, b)
	follow(t, b, "room", kept)
	follow(t, b, "other", kept)
	eventually(t, "it has compared once", func() bool { return b.Stats().Compared > 2 })
	dropFrom(b, 2, 3)
	for _, data := range []string{"1", "2", "3"} {
		publish(t, a, "room", data)
	}
	r.wait(t, "room", "1", "2", "3")
}

func TestWhatIsGoneIsToldAsLost(t *testing.T) {
	var r record
	h := broker.History{Size: 3, Age: time.Hour}
	b := open(t, single(t), options(), r.deliver)
	defer closeIt(t, b)
	follow(t, b, "room", h)
	dropFrom(b, 2, 9)
	for _, data := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"} {
		m := broker.Message{Topic: "room", Data: []byte(data), History: h}
		if _, err := b.Publish(t.Context(), &m); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the last is delivered", func() bool {
		all := r.of("room")
		return len(all) > 0 && all[len(all)-1] == "10"
	})
	got := strings.Join(r.of("room"), " ")
	if got != "1 lost 7 8 9 10" {
		t.Errorf("delivered %s", got)
	}
}

func TestAHoleInAVeryLongTopicIsFilled(t *testing.T) {
	var r record
	b := open(t, single(t), options(), r.deliver)
	defer closeIt(t, b)
	follow(t, b, "room", kept)
	var dropping atomic.Bool
	dropping.Store(true)
	b.Drop(func(string) bool { return dropping.Load() })
	var want []string
	for i := range 900 {
		want = append(want, string(rune('a'+i%26)))
		publish(t, b, "room", want[i])
	}
	dropping.Store(false)
	want = append(want, "end")
	publish(t, b, "room", "end")
	r.wait(t, "room", want...)
}

func TestWhatIsNotFollowedDoesNotCome(t *testing.T) {
	var r record
	o := options()
	a := open(t, single(t), o, r.deliver)
	defer closeIt(t, a)
	b := open(t, single(t), o, r.deliver)
	defer closeIt(t, b)
	follow(t, a, "room", kept)
	for range 50 {
		publish(t, b, "room", "1")
		if _, err := b.Publish(t.Context(), &broker.Message{Topic: "plain", Data: []byte("1")}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the follower has all", func() bool { return len(r.of("room")) == 50 })
	if n := b.Stats().Received; n != 0 {
		t.Errorf("the node that follows nothing got %d publications", n)
	}
	if n := a.Stats().Received; n != 50 {
		t.Errorf("the follower got %d publications, want 50", n)
	}
}
