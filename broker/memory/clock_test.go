package memory_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/memory"
)

// pass lets time pass in a synctest bubble, and what is due then happen.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

var hour = broker.History{Size: 10, Age: time.Hour}

func publish(t *testing.T, b broker.Broker, m broker.Message) broker.Position {
	t.Helper()
	p, err := b.Publish(context.Background(), &m)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func page(t *testing.T, b broker.Broker, topic string, h broker.History) broker.Page {
	t.Helper()
	p, err := b.History(context.Background(), topic, h, broker.Query{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func wantSound(t *testing.T, b *memory.Broker) {
	t.Helper()
	if fault := b.Fault(); fault != "" {
		t.Error(fault)
	}
}

func TestPublicationsAreNotSeenOnceTheyAreTooOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t, memory.Options{}, nil)
		m := broker.Message{Topic: "a", Data: []byte("1"), History: broker.History{Size: 10, Age: time.Minute}}
		for range 3 {
			publish(t, b, m)
			<-time.After(20 * time.Second)
		}
		for i, want := range []int{2, 1, 0, 0} { // the first is one minute old
			p := page(t, b, "a", m.History)
			if len(p.Publications) != want || p.Seq != 3 || int(p.Floor) != 3-want {
				t.Errorf("after %d times 20s: %d publications, %d gone of %d", i+3, len(p.Publications), p.Floor, p.Seq)
			}
			<-time.After(20 * time.Second)
		}
		wantSound(t, b)
	})
}

func TestMemoryIsFreedSoonAfterItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t, memory.Options{}, nil)
		for i := range 1000 {
			publish(t, b, broker.Message{Topic: fmt.Sprint(i), Data: []byte("1"), History: hour})
			if i%10 == 0 {
				<-time.After(time.Second)
			}
		}
		wantSound(t, b)
		pass(time.Hour + time.Second)
		if s := b.Stats(); s.Publications != 0 || s.Bytes != 0 || s.Topics == 0 {
			t.Errorf("after their age there are %+v", s)
		}
		pass(memory.DefaultLinger + time.Second)
		if s := b.Stats(); s != (memory.Stats{}) {
			t.Errorf("after Linger there are %+v", s)
		}
		if wantSound(t, b); !b.Resting() {
			t.Error("the sweeper has something to wake for")
		}
	})
}

func TestSweeperRestsWhileNothingCanExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t, memory.Options{}, nil)
		synctest.Wait()
		if !b.Resting() {
			t.Error("it has something to wake for in an empty broker")
		}
		publish(t, b, broker.Message{Topic: "a", Data: []byte("1"), History: broker.History{Size: 1}})
		synctest.Wait()
		if !b.Resting() {
			t.Error("it has something to wake for where history has no age")
		}
		publish(t, b, broker.Message{Topic: "b", Data: []byte("1"), History: hour})
		synctest.Wait()
		if b.Resting() {
			t.Error("it has nothing to wake for where history has an age")
		}
	})
}

func TestForgottenTopicComesBackInAnotherEpoch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t, memory.Options{}, nil)
		m := broker.Message{Topic: "a", Data: []byte("1"), History: broker.History{Size: 10, Age: time.Minute}}
		first := publish(t, b, m)
		pass(time.Minute + 9*time.Minute)
		if p := publish(t, b, m); p.Epoch != first.Epoch || p.Seq != 2 {
			t.Errorf("within Linger, %+v came after %+v", p, first)
		}
		pass(time.Minute + 9*time.Minute)
		if p := page(t, b, "a", m.History); p.Epoch != first.Epoch || p.Seq != 2 {
			t.Errorf("within Linger of the second, the position is %+v", p.Position)
		}
		pass(time.Minute + 2*time.Second)
		if p := page(t, b, "a", m.History); p.Epoch == first.Epoch || p.Seq != 0 {
			t.Errorf("after Linger, the position is %+v", p.Position)
		}
		if p := publish(t, b, m); p.Epoch == first.Epoch || p.Seq != 1 {
			t.Errorf("after Linger, %+v came after %+v", p, first)
		}
	})
}

func TestWhatKeepsATopicFromBeingForgotten(t *testing.T) {
	m := broker.Message{Topic: "a", Data: []byte("1"), History: broker.History{Size: 10, Age: time.Minute}}
	ctx := context.Background()
	for _, c := range []struct {
		name        string
		hold, leave func(b *memory.Broker) error
	}{
		{
			"a follower",
			func(b *memory.Broker) error { return b.Follow(ctx, "a", m.History) },
			func(b *memory.Broker) error { return b.Unfollow("a") },
		},
		{
			"a member",
			func(b *memory.Broker) error {
				_, err := b.Join(ctx, "a", broker.Member{User: "ann"})
				return err
			},
			func(b *memory.Broker) error { _, err := b.Leave(ctx, "a", "ann"); return err },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := open(t, memory.Options{Linger: 5 * time.Minute}, nil)
				if err := c.hold(b); err != nil {
					t.Fatal(err)
				}
				first := publish(t, b, m)
				pass(24 * time.Hour)
				if p := page(t, b, "a", m.History); p.Position != first || len(p.Publications) != 0 {
					t.Errorf("after a day: %+v", p)
				}
				if err := c.leave(b); err != nil {
					t.Fatal(err)
				}
				pass(4 * time.Minute)
				if p := page(t, b, "a", m.History); p.Position != first {
					t.Errorf("within Linger: %+v", p)
				}
				pass(2 * time.Minute)
				if s := b.Stats(); s.Topics != 0 {
					t.Errorf("after Linger: %+v", s)
				}
			})
		})
	}
}

func TestTopicsNeverPublishedToLeaveNothing(t *testing.T) {
	b := open(t, memory.Options{}, nil)
	ctx := context.Background()
	if err := errors.Join(b.Follow(ctx, "a", hour), b.Follow(ctx, "b:*", broker.History{})); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Join(ctx, "c", broker.Member{User: "ann"}); err != nil {
		t.Fatal(err)
	}
	if s := b.Stats(); s.Topics != 2 {
		t.Errorf("%d topics, want those of a and c", s.Topics)
	}
	if _, err := b.Leave(ctx, "c", "ann"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(b.Unfollow("a"), b.Unfollow("b:*")); err != nil {
		t.Fatal(err)
	}
	if s := b.Stats(); s != (memory.Stats{}) {
		t.Errorf("%+v is left", s)
	}
}

func TestDedupIsRecognizedWithinItsWindow(t *testing.T) {
	for _, h := range []broker.History{hour, {Size: 10, Age: time.Second}, {}} {
		synctest.Test(t, func(t *testing.T) {
			delivered := 0
			b := open(t, memory.Options{Linger: time.Second}, func(string, string, *broker.Publication) { delivered++ })
			m := broker.Message{Topic: "a", Dedup: "d", Data: []byte("1"), History: h}
			first := publish(t, b, m)
			for range 4 {
				pass(29 * time.Second)
				if p := publish(t, b, m); p != first || delivered != 1 {
					t.Fatalf("the repeat is at %+v, the first at %+v, %d were delivered", p, first, delivered)
				}
				if p := page(t, b, "a", h); p.Position != first {
					t.Fatalf("the topic is at %+v, the repeat at %+v", p.Position, first)
				}
			}
			pass(5 * time.Second)
			if publish(t, b, m); delivered != 2 {
				t.Errorf("after the window %d were delivered, want 2", delivered)
			}
			pass(2*memory.DefaultDedupWindow + time.Second)
			if !h.On() && !b.Resting() {
				t.Error("dedups are still there after two windows")
			}
		})
	}
}

func TestNothingIsRecognizedWithoutADedupWindow(t *testing.T) {
	b := open(t, memory.Options{DedupWindow: -1}, nil)
	m := broker.Message{Topic: "a", Dedup: "d", Data: []byte("1"), History: hour}
	if first, second := publish(t, b, m), publish(t, b, m); second.Seq != first.Seq+1 {
		t.Errorf("%+v came after %+v", second, first)
	}
}

func TestBooksAgreeAfterRandomCallsOverTime(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	synctest.Test(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(seed, 0))
		ctx := context.Background()
		b := open(t, memory.Options{MaxBytes: 20_000, Linger: 3 * time.Minute}, nil)
		for i := range 20_000 {
			topic := fmt.Sprint(r.IntN(100))
			h := broker.History{Size: 1 + r.IntN(20), Age: time.Duration(r.IntN(100)) * time.Second}
			var err error
			switch r.IntN(12) {
			case 0:
				err = b.Follow(ctx, topic, h)
			case 1:
				err = b.Unfollow(topic)
			case 2:
				_, err = b.Join(ctx, topic, broker.Member{User: fmt.Sprint(r.IntN(3))})
			case 3:
				_, err = b.Leave(ctx, topic, fmt.Sprint(r.IntN(3)))
			case 4:
				_, err = b.History(ctx, topic, h, broker.Query{Limit: 5})
			case 5:
				pass(time.Duration(r.IntN(3000)) * time.Millisecond)
			default:
				publish(t, b, broker.Message{Topic: topic, Data: make([]byte, r.IntN(300)), History: h})
			}
			if err != nil {
				t.Fatal(err)
			}
			if i%100 == 0 {
				wantSound(t, b)
			}
		}
	})
}
