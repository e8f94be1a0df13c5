package load

import (
	"testing"

	"github.com/livetopics/live/bench/internal/dialect"
	"github.com/livetopics/live/bench/internal/wire"
)

func TestDeliveriesHaveTheSameLengthInEveryDialect(t *testing.T) {
	for _, name := range []string{"founding", "centrifuge"} {
		d, err := dialect.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []int{125, 127, 130, 170, 65539, 65546} {
			s, err := newStream(d, roomTopic, 'x', want)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(wire.Append(nil, wire.OpText, s.delivery.Put(1, 1))); got != want {
				t.Errorf("%s: a delivery has %d bytes on the wire, not %d", name, got, want)
			}
		}
	}
}

func TestPublicationsAreDoneWhenEverySubscriberHasThem(t *testing.T) {
	d, _ := dialect.Named("founding")
	s, err := newStream(d, roomTopic, 'x', 170)
	if err != nil {
		t.Fatal(err)
	}
	s.subscribers = 2
	done := 0
	s.onDone = func(int64) { done++ }
	a, b := &conn{feeds: feedsOf([]*stream{s})}, &conn{feeds: feedsOf([]*stream{s})}
	for range 3 {
		if _, err := s.next(0); err != nil {
			t.Fatal(err)
		}
	}
	for i, step := range []struct {
		c             *conn
		seq           uint64
		done, missing int
	}{{a, 0, 0, 5}, {a, 1, 0, 4}, {b, 0, 1, 3}, {b, 1, 2, 2}, {b, 2, 2, 1}, {a, 2, 3, 0}} {
		if ok, err := step.c.take(s.delivery.Put(step.seq, 0), 0); !ok || err != nil {
			t.Fatalf("step %d: taken %t, error %v", i, ok, err)
		}
		if done != step.done || s.inFlight() != 3-step.done || s.missing() != step.missing {
			t.Errorf("step %d: %d done, %d in flight, %d missing", i, done, s.inFlight(), s.missing())
		}
	}
	for seq, at := range map[uint64]int64{3: 0, 2: 1} {
		a.feeds[0].due = min(seq, 2)
		if _, err := a.take(s.delivery.Put(seq, at), 0); err == nil {
			t.Errorf("publication %d, said to be sent at %d, was counted", seq, at)
		}
	}
}

func TestAServerThatFallsTooFarBehindIsAnError(t *testing.T) {
	d, _ := dialect.Named("founding")
	s, err := newStream(d, roomTopic, 'x', 170)
	if err != nil {
		t.Fatal(err)
	}
	for range ring {
		if _, err := s.next(0); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.next(0); err == nil {
		t.Errorf("publication %d went on its way although none of them had arrived", ring+1)
	}
}

func TestReceivingAllocatesNothing(t *testing.T) {
	d, _ := dialect.Named("founding")
	s, err := newStream(d, roomTopic, 'x', 170)
	if err != nil {
		t.Fatal(err)
	}
	s.subscribers = 1
	latency := newTimes()
	s.onReceipt = func(at, now int64) { latency.add(now - at) }
	g, c := &Generator{dialect: d}, &conn{state: joined, feeds: feedsOf([]*stream{s})}
	if n := testing.AllocsPerRun(100, func() {
		message, err := s.next(1)
		if err == nil {
			err = g.text(c, message, 2000)
		}
		if err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("a delivery allocates %v times", n)
	}
}

// BenchmarkReceive is the generator's own share of one delivery, beside its system calls.
func BenchmarkReceive(b *testing.B) {
	d, _ := dialect.Named("founding")
	s, err := newStream(d, roomTopic, 'x', 170)
	if err != nil {
		b.Fatal(err)
	}
	s.subscribers = 1000
	g, clients := &Generator{dialect: d}, make([]conn, s.subscribers)
	for i := range clients {
		clients[i] = conn{state: joined, feeds: feedsOf([]*stream{s})}
	}
	var frame []byte
	for i := 0; b.Loop(); i++ {
		if i%s.subscribers == 0 {
			if _, err = s.next(1); err != nil {
				b.Fatal(err)
			}
			frame = wire.Append(frame[:0], wire.OpText, s.delivery.Put(s.sent-1, 1))
		}
		f, _, err := wire.Next(frame)
		if err == nil {
			err = g.frame(&clients[i%s.subscribers], f, 2000)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
