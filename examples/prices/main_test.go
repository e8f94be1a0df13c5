package main

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/livetest"
)

// start starts the ticker.
func start(t *testing.T) (*livetest.Server, *market) {
	m := newMarket()
	t.Cleanup(m.close)
	srv := livetest.NewServer(t, m.options())
	m.register(srv.Server)
	return srv, m
}

// number decodes a price.
func number(t *testing.T, data json.RawMessage) (price float64) {
	t.Helper()
	if err := json.Unmarshal(data, &price); err != nil {
		t.Fatal(err)
	}
	return price
}

func TestThePriceComesWithTheAnswerAndThenItsChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, m := start(t)
		m.set("gold", 7)
		c := srv.Dial(t)
		if s := c.Subscribe("price:gold"); number(t, s.Snapshot) != 7 {
			t.Errorf("the answer has %s", s.Snapshot)
		}
		c.Expect("price:gold", 100) // it is followed now
		began := time.Now()
		c.Next()
		if d := time.Since(began); d != every {
			t.Errorf("the next came after %v", d)
		}
	})
}

func TestNobodyFollowsWhatNobodyWants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, m := start(t)
		followed := func() int {
			synctest.Wait()
			m.mu.Lock()
			defer m.mu.Unlock()
			return len(m.stop)
		}
		c := srv.Dial(t)
		c.Subscribe("price:gold")
		if n := followed(); n != 1 {
			t.Errorf("%d prices are followed, want 1", n)
		}
		c.Unsubscribe("price:gold")
		<-time.After(11 * time.Second)
		if n := followed(); n != 0 {
			t.Errorf("%d prices are followed, want none", n)
		}
	})
}

func TestAllPricesAtOnce(t *testing.T) {
	srv, m := start(t)
	c := srv.Dial(t)
	c.Subscribe("price:*")
	m.set("gold", 1)
	m.set("tin", 2)
	c.Expect("price:gold", 1)
	c.Expect("price:tin", 2)
}

func TestClientsPublishNoPrices(t *testing.T) {
	srv, _ := start(t)
	if _, refusal := srv.Dial(t).TryPublish("price:gold", 1); refusal == nil || refusal.Code != live.CodeForbidden {
		t.Errorf("a client is told %v", refusal)
	}
}
