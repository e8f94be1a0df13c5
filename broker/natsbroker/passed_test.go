package natsbroker_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/natsembed"
)

// TestWhatANewLeaderPassesOnAgainIsDeliveredOnce passes everything on again, as a leader
// does that takes over from one that died after it had.
func TestWhatANewLeaderPassesOnAgainIsDeliveredOnce(t *testing.T) {
	s := reachable(t, natsembed.Options{})
	var r record
	o := options()
	o.URL = s.ClientURL()
	b := outside(t, o, r.deliver)
	nc, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	came, err := nc.SubscribeSync(o.Prefix + ".p.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	follow(t, b, "room", broker.History{})
	want := []string{"1", "2", "3"}
	var passed []*nats.Msg
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for _, data := range want {
		if _, err := b.Publish(t.Context(), &broker.Message{Topic: "room", Data: []byte(data), Dedup: data}); err != nil {
			t.Fatal(err)
		}
		m, err := came.NextMsgWithContext(ctx)
		if err != nil {
			t.Fatal(err)
		}
		passed = append(passed, m)
	}
	for _, m := range passed {
		if err := nc.PublishMsg(&nats.Msg{Subject: m.Subject, Header: m.Header, Data: m.Data}); err != nil {
			t.Fatal(err)
		}
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Publish(t.Context(), &broker.Message{Topic: "room", Data: []byte("4"), Dedup: "4"}); err != nil {
		t.Fatal(err)
	}
	r.wait(t, "room", "1", "2", "3", "4")
}
