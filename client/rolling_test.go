package client_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/livetopics/live/client"
)

func TestARollingRestartLosesNothing(t *testing.T) {
	w := &world{t: t, rigs: nodes(t, 6), acked: make(map[string]map[uint64]string)}
	spare := w.rigs[2:]
	w.rigs = w.rigs[:2] // whose addresses clients know
	topics := []string{"chat:0", "chat:1"}
	for _, topic := range topics {
		w.acked[topic] = make(map[uint64]string)
	}
	var followers [][]*client.Subscription
	for range 4 {
		followers = append(followers, w.follow(topics, 0))
	}
	done := make(chan struct{})
	var publishers sync.WaitGroup
	stop := sync.OnceFunc(func() { close(done); publishers.Wait() })
	defer stop()
	for i := range uint64(3) {
		publishers.Go(func() {
			for part := 0; ; part++ {
				select {
				case <-done:
					return
				default:
					w.publish(fmt.Sprintf("p%d-%d", i, part), topics, 50, rand.New(rand.NewPCG(i, 1)))
				}
			}
		})
	}
	for i, next := range spare { // each address gets another server, twice
		old := w.rigs[i%2]
		w.replace(old, next)
	}
	stop()
	for i, subs := range followers {
		for _, s := range subs {
			w.check(fmt.Sprint("follower ", i), s, 0)
		}
	}
	// Without a connection are those who came when a server had only a moment left.
	t.Logf("clients were without a connection %d times", w.waited.Load())
}

// replace puts another server behind the address of one, as a restart does.
func (w *world) replace(old, next *rig) {
	w.t.Helper()
	if err := old.server.Drain(soon(w.t), 300*time.Millisecond); err != nil {
		w.t.Fatal(err)
	}
	left := old.server.Stats().Sessions
	old.link.setTarget(next.http.Listener.Addr().String())
	if err := old.server.Shutdown(soon(w.t)); err != nil {
		w.t.Fatal(err)
	}
	w.t.Logf("%d sessions were left when a server ended", left)
	old.server = next.server
}
