package memory_test

import (
	"context"
	"errors"
	"testing"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/memory"
)

func TestNumbersGrowByOneFromOne(t *testing.T) {
	var seqs []uint64
	b := open(t, memory.Options{}, func(_, _ string, p *broker.Publication) { seqs = append(seqs, p.Seq) })
	for i := range 100 {
		p := publish(t, b, broker.Message{Topic: "a", Data: []byte("1"), History: broker.History{Size: 3}})
		if p.Seq != uint64(i+1) || seqs[i] != p.Seq {
			t.Fatalf("publication %d is at %d, delivered at %d", i, p.Seq, seqs[i])
		}
	}
}

func TestTopicsThatNobodyFollowsAreDeliveredToo(t *testing.T) {
	n := 0
	b := open(t, memory.Options{}, func(string, string, *broker.Publication) { n++ })
	publish(t, b, broker.Message{Topic: "a", Data: []byte("1")})
	publish(t, b, broker.Message{Topic: "b", Data: []byte("1"), History: hour})
	if n != 2 {
		t.Errorf("%d were delivered, want 2", n)
	}
}

func TestDeliverHasDataThatMayBeKept(t *testing.T) {
	var kept []byte
	b := open(t, memory.Options{}, func(_, _ string, p *broker.Publication) { kept = p.Data })
	data := []byte("before")
	publish(t, b, broker.Message{Topic: "a", Data: data, History: hour})
	copy(data, "after!")
	for range 100 {
		publish(t, b, broker.Message{Topic: "b", Data: data, History: hour})
	}
	publish(t, b, broker.Message{Topic: "a", Data: []byte("before"), History: hour})
	if string(kept) != "before" {
		t.Errorf("it is %q now", kept)
	}
}

func TestPanicOfDeliverLeavesTheBrokerUsable(t *testing.T) {
	angry := true
	b := open(t, memory.Options{}, func(string, string, *broker.Publication) {
		if angry {
			panic("no")
		}
	})
	func() {
		defer func() { _ = recover() }()
		_, _ = b.Publish(context.Background(), &broker.Message{Topic: "a", Data: []byte("1"), History: hour})
		t.Error("the panic is swallowed")
	}()
	angry = false
	publish(t, b, broker.Message{Topic: "a", Data: []byte("2"), History: hour})
	wantSound(t, b)
}

func TestPublishWithoutHistoryDoesNotAllocate(t *testing.T) {
	b := open(t, memory.Options{}, nil)
	m := &broker.Message{Topic: "a", Data: []byte("1")}
	publish(t, b, *m)
	if n := testing.AllocsPerRun(1000, func() { _, _ = b.Publish(context.Background(), m) }); n >= 1 {
		t.Errorf("%v allocations", n)
	}
}

func TestARepeatIsComparedByWhatWasSent(t *testing.T) {
	b := open(t, memory.Options{}, nil)
	m := broker.Message{Topic: "t", Dedup: "d", Data: []byte(`{"at":1}`), Sent: []byte("1"), History: broker.History{Size: 1}}
	first, err := b.Publish(t.Context(), &m)
	if err != nil {
		t.Fatal(err)
	}
	m.Data = []byte(`{"at":2}`)
	if again, err := b.Publish(t.Context(), &m); err != nil || again != first {
		t.Errorf("the repeat is at %v, %v, want %v", again, err, first)
	}
	m.Sent = []byte("2")
	if _, err := b.Publish(t.Context(), &m); !errors.Is(err, broker.ErrConflict) {
		t.Errorf("with other data: %v, want ErrConflict", err)
	}
}
