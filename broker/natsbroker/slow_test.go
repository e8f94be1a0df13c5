package natsbroker_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/livetopics/live/broker"
)

func TestWhatASlowNodeCouldNotTakeIsReadFromTheHistory(t *testing.T) {
	var r record
	o := options()
	o.Buffer = 16
	open1 := make(chan struct{})
	var once sync.Once
	a := open(t, single(t), o, func(string, string, *broker.Publication) {})
	defer closeIt(t, a)
	b := open(t, single(t), o, func(topic, epoch string, p *broker.Publication) {
		once.Do(func() { <-open1 }) // which no Deliver may
		r.deliver(topic, epoch, p)
	})
	defer closeIt(t, b)
	var want []string
	for i := range 300 {
		want = append(want, fmt.Sprint(i))
	}
	for _, topic := range []string{"room", "hall"} {
		follow(t, b, topic, kept)
	}
	for _, data := range want {
		publish(t, a, "room", data)
		publish(t, a, "hall", data)
	}
	close(open1)
	r.wait(t, "room", want...)
	r.wait(t, "hall", want...)
	if b.Stats().Dropped == 0 {
		t.Error("nothing was dropped")
	}
}

func TestInfoIsKeptToTheByte(t *testing.T) {
	o := options()
	a := open(t, single(t), o, func(string, string, *broker.Publication) {})
	defer closeIt(t, a)
	b := open(t, single(t), o, func(string, string, *broker.Publication) {})
	defer closeIt(t, b)
	ctx := context.Background()
	m := broker.Member{User: "<ann>", Info: []byte(`{"a": "<b> & c"}`), Sessions: 1}
	if c, err := a.Join(ctx, "room", m); c != broker.Joined || err != nil {
		t.Fatalf("Join: %v, %v", c, err)
	}
	if c, err := b.Join(ctx, "room", m); c != broker.Unchanged || err != nil {
		t.Errorf("Join on another node: %v, %v", c, err)
	}
	all, err := b.Members(ctx, "room", 10)
	if err != nil || len(all.List) != 1 || string(all.List[0].Info) != string(m.Info) || all.List[0].User != "<ann>" {
		t.Errorf("there are %+v, %v", all, err)
	}
}
