package memory_test

import (
	"bytes"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/memory"
)

func TestTopicsPublishedToLeastRecentlyLoseTheirOldestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t, memory.Options{MaxBytes: 100_000}, nil)
		h := broker.History{Size: 1000}
		const each = 30 // of a kilobyte
		for _, topic := range []string{"old", "middle", "old", "new", "newest"} {
			for range each {
				publish(t, b, broker.Message{Topic: topic, Data: make([]byte, 1000), History: h})
			}
			<-time.After(time.Second)
		}
		wantSound(t, b)
		if s := b.Stats(); s.Bytes > 100_000 {
			t.Errorf("%d bytes are taken", s.Bytes)
		}
		if p := page(t, b, "middle", h); len(p.Publications) != 0 || p.Floor != each || p.Seq != each {
			t.Errorf("middle has %d left, floor %d of %d", len(p.Publications), p.Floor, p.Seq)
		}
		p := page(t, b, "old", h)
		if n := len(p.Publications); n == 0 || n == 2*each || p.Floor != uint64(2*each-n) {
			t.Errorf("old has %d left, floor %d of %d", n, p.Floor, p.Seq)
		}
		for _, topic := range []string{"new", "newest"} {
			if p := page(t, b, topic, h); len(p.Publications) != each || p.Floor != 0 {
				t.Errorf("%s has %d left, floor %d", topic, len(p.Publications), p.Floor)
			}
		}
	})
}

func TestPublicationLargerThanTheLimitIsDeliveredAndGone(t *testing.T) {
	delivered := 0
	b := open(t, memory.Options{MaxBytes: 1000}, func(_, _ string, p *broker.Publication) { delivered += len(p.Data) })
	publish(t, b, broker.Message{Topic: "a", Data: make([]byte, 5000), History: hour})
	if p := page(t, b, "a", hour); p.Seq != 1 || p.Floor != 1 || delivered != 5000 {
		t.Errorf("%d bytes were delivered, and the page is %+v", delivered, p)
	}
	wantSound(t, b)
}

func TestWithoutALimitAllIsKept(t *testing.T) {
	b := open(t, memory.Options{MaxBytes: -1}, nil)
	for i := range 100 {
		publish(t, b, broker.Message{Topic: fmt.Sprint(i), Data: make([]byte, 1000), History: hour})
	}
	if s := b.Stats(); s.Publications != 100 {
		t.Errorf("there are %+v", s)
	}
}

func TestPagesStayAsTheyWereRead(t *testing.T) {
	b := open(t, memory.Options{MaxBytes: 50_000}, nil)
	h := broker.History{Size: 20}
	var pages []broker.Page
	for i := range 1000 {
		publish(t, b, broker.Message{Topic: "a", Data: bytes.Repeat([]byte{byte(i)}, 50), History: h})
		pages = append(pages, page(t, b, "a", h))
	}
	for _, p := range pages {
		for _, pub := range p.Publications {
			if !bytes.Equal(pub.Data, bytes.Repeat([]byte{byte(pub.Seq - 1)}, 50)) {
				t.Fatalf("publication %d has changed", pub.Seq)
			}
		}
	}
}
