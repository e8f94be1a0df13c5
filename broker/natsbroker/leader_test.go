package natsbroker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/natsbroker"
	"github.com/livetopics/live/broker/natsembed"
)

// stepDown has the leader of a history's stream make room for another.
func stepDown(t *testing.T, url, prefix string) {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	m, err := nc.Request("$JS.API.STREAM.LEADER.STEPDOWN."+natsbroker.Stream(prefix, ""), nil, 10*time.Second)
	if err != nil {
		t.Fatalf("stepping down: %v", err)
	}
	t.Logf("%s", m.Data)
}

func TestNothingIsLostWhenTheLeaderChangesAndANodeIsShutDown(t *testing.T) {
	peers, err := freeAddresses(3)
	if err != nil {
		t.Fatal(err)
	}
	var all []*natsembed.Server
	for i, addr := range peers {
		o := natsembed.Options{Listen: addr, Peers: peers, Dir: t.TempDir()}
		if i == 0 {
			all = append(all, reachable(t, o))
			continue
		}
		s, err := natsembed.Start(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { stop(t, s) })
		all = append(all, s)
	}
	for _, s := range all {
		if err := s.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var r record
	o := options()
	a := open(t, all[0], o, r.deliver)
	defer closeIt(t, a)
	b := open(t, all[1], o, func(string, string, *broker.Publication) {})
	defer closeIt(t, b)
	follow(t, a, "room", kept)
	var want []string
	for i := range 300 {
		if i == 100 {
			stepDown(t, all[0].ClientURL(), o.Prefix)
		}
		if i == 200 {
			stop(t, all[2])
		}
		want = append(want, fmt.Sprint(i))
		m := broker.Message{Topic: "room", Data: []byte(want[i]), Dedup: want[i], History: kept}
		eventually(t, "it is published", func() bool {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			_, err := b.Publish(ctx, &m)
			if err != nil && !errors.Is(err, broker.ErrUnavailable) && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Publish: %v", err)
			}
			return err == nil
		})
	}
	r.wait(t, "room", want...)
	page, err := b.History(t.Context(), "room", kept, broker.Query{Limit: 1000})
	var got []string
	for _, p := range page.Publications {
		got = append(got, string(p.Data))
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("the history is %q, %v", got, err)
	}
}
