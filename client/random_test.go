package client_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/livetopics/live/client"
)

// world is two servers with one broker, whose links are cut at random.
type world struct {
	t      *testing.T
	rigs   []*rig
	waited atomic.Int32 // how often a client had no connection, and waited for one

	mu    sync.Mutex                   // guards acked
	acked map[string]map[uint64]string // by topic and number: what was acknowledged
}

func (w *world) options() client.Options {
	o := client.Options{OnState: func(s client.State) {
		if s.Phase == client.Waiting {
			w.waited.Add(1)
		}
	}}
	for _, r := range w.rigs {
		o.URLs = append(o.URLs, "ws://"+r.link.addr()+"/ws")
	}
	return o
}

// publish publishes to random topics, and notes what is acknowledged.
func (w *world) publish(name string, topics []string, count int, random *rand.Rand) {
	c := open(w.t, w.options())
	for i := range count {
		topic, text := topics[random.IntN(len(topics))], fmt.Sprintf("%s-%d", name, i)
		at, err := c.Publish(soon(w.t), topic, text, client.PublishOptions{})
		if err != nil {
			w.t.Errorf("publishing %s: %v", text, err)
			return
		}
		w.mu.Lock()
		if before, twice := w.acked[topic][at.Seq]; twice {
			w.t.Errorf("%s and %s both have number %d of %s", before, text, at.Seq, topic)
		}
		w.acked[topic][at.Seq] = text
		w.mu.Unlock()
	}
}

// disturb cuts links until done is closed.
func (w *world) disturb(done chan struct{}, random *rand.Rand) {
	for {
		select {
		case <-done:
			for _, r := range w.rigs {
				r.link.setDown(false)
			}
			return
		case <-time.After(time.Duration(random.IntN(20)) * time.Millisecond):
		}
		k := w.rigs[random.IntN(len(w.rigs))].link
		switch random.IntN(4) {
		case 0:
			k.setDown(true)
		case 1:
			k.setDown(false)
		default:
			k.cut()
		}
	}
}

// check takes what came of a topic: everything that was acknowledged, once, in order.
func (w *world) check(who string, s *client.Subscription, from uint64) {
	w.t.Helper()
	want := w.acked[s.Topic()]
	for seq := from + 1; seq <= uint64(len(want)); seq++ {
		m, err := s.Next(soon(w.t))
		if err != nil {
			w.t.Fatalf("%s, %s: %v instead of %d of %d", who, s.Topic(), err, seq, len(want))
		}
		text, _ := json.Marshal(want[seq])
		if m.Kind != client.KindPublication || m.Seq != seq || string(m.Data) != string(text) {
			w.t.Fatalf("%s, %s: %q instead of %d, %s", who, s.Topic(), say(m), seq, text)
		}
	}
}

func TestWhateverIsCutWhatWasAcknowledgedComesOnceAndInOrder(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := func(n uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, n)) }
	w := &world{t: t, rigs: nodes(t, 2), acked: make(map[string]map[uint64]string)}
	topics := []string{"chat:0", "chat:1", "chat:2", "chat:3"}
	for _, topic := range topics {
		w.acked[topic] = make(map[uint64]string)
	}
	quick, slow, moving := w.follow(topics, 0), w.follow(topics, 4), w.follow(topics, 0)
	done := make(chan struct{})
	var cutting, publishers sync.WaitGroup
	stop := sync.OnceFunc(func() { close(done); cutting.Wait() })
	defer stop()
	cutting.Go(func() { w.disturb(done, random(1)) })
	for i := range uint64(3) {
		publishers.Go(func() { w.publish(fmt.Sprint("p", i), topics, 150, random(10+i)) })
	}
	taken := w.move(moving, topics)
	publishers.Wait()
	stop()
	t.Logf("%d and %d connections", w.rigs[0].link.connections(), w.rigs[1].link.connections())
	for i := range topics {
		w.check("quick", quick[i], 0)
		w.check("slow", slow[i], 0)
		w.check("moving", taken[i].s, taken[i].seq)
	}
}

// follow subscribes a new client to the topics, from their beginning.
func (w *world) follow(topics []string, buffer int) []*client.Subscription {
	w.t.Helper()
	return w.resume(topics, buffer, nil)
}

func (w *world) resume(topics []string, buffer int, since []client.Position) []*client.Subscription {
	w.t.Helper()
	asked := make([]client.Topic, len(topics))
	for i, topic := range topics {
		asked[i] = client.Topic{Name: topic, SubscribeOptions: client.SubscribeOptions{Buffer: buffer}}
		if since != nil {
			asked[i].Since = &since[i]
		}
	}
	subs, err := open(w.t, w.options()).SubscribeMany(soon(w.t), asked)
	if err != nil {
		w.t.Fatal(err)
	}
	return subs
}

// halfway is a subscription of which so much was taken.
type halfway struct {
	s   *client.Subscription
	seq uint64
}

// move takes some of what comes, and goes on from there with another client: as a program
// that is started again.
func (w *world) move(subs []*client.Subscription, topics []string) []halfway {
	taken := make([]halfway, len(topics))
	for range 5 {
		since := make([]client.Position, len(topics))
		for i, s := range subs {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
			for m := range s.Messages(ctx) {
				if taken[i].seq++; m.Kind != client.KindPublication || m.Seq != taken[i].seq {
					w.t.Errorf("moving, %s: %q instead of %d", s.Topic(), say(m), taken[i].seq)
				}
			}
			cancel()
			since[i] = s.Position()
		}
		subs = w.resume(topics, 0, since)
	}
	for i, s := range subs {
		taken[i].s = s
	}
	return taken
}
