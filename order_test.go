package live_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/livetopics/live"
)

// numbers are 0 to n-1 as JSON.
func numbers(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = strconv.Itoa(i)
	}
	return list
}

func TestMessagesOfASessionComeOneAtATimeAndInOrder(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		const n = 500
		var inside atomic.Int32
		got := make(chan string, n)
		r := serve(t, kind, live.Options{OnMessage: func(_ context.Context, _ *live.Session, _ string, data []byte) {
			if inside.Add(1) != 1 {
				t.Error("two calls of OnMessage at once for one session")
			}
			got <- string(data)
			inside.Add(-1)
		}})
		c := r.dial(t)
		for _, d := range numbers(n) {
			c.send(t, "n", d)
		}
		for _, d := range numbers(n) {
			if g := within(t, "a message", got); g != d {
				t.Fatalf("OnMessage had %s, want %s", g, d)
			}
		}
	})
}

func TestMessagesOfDifferentSessionsAreHandledInParallel(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const n = 20
		arrived, release := make(chan bool, n), make(chan struct{})
		r := serve(t, kind, live.Options{OnMessage: func(context.Context, *live.Session, string, []byte) {
			arrived <- true
			<-release
		}})
		for range n {
			r.dial(t).send(t, "meet", "1")
		}
		for range n {
			within(t, "all hooks to run at once", arrived)
		}
		close(release)
	})
}

func TestABlockedHandlerDelaysItsOwnSessionOnly(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		entered, release := make(chan bool, 1), make(chan struct{})
		r := serve(t, kind, live.Options{OnMessage: func(_ context.Context, s *live.Session, topic string, data []byte) {
			if topic == "block" {
				entered <- true
				<-release
			}
			s.Send(live.Message{Topic: topic, Data: data})
		}})
		var others []*client
		blocked := r.dial(t)
		for range 8 { // some on the same loop
			others = append(others, r.dial(t))
		}
		blocked.send(t, "block", "1")
		blocked.send(t, "after", "2")
		within(t, "the hook", entered)
		for _, c := range others {
			c.send(t, "echo", `"prompt"`)
			c.want(t, "echo", `"prompt"`)
		}
		close(release)
		blocked.want(t, "block", "1")
		blocked.want(t, "after", "2")
	})
}

func TestPublicationsOfOneGoroutineReachAllInOrder(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{QueueSize: 1000})
		var clients []*client
		for range 5 {
			c, s := r.pair(t)
			r.subscribe(t, s, "n")
			clients = append(clients, c)
		}
		for _, d := range numbers(500) {
			r.publish(t, "n", d)
		}
		for _, c := range clients {
			c.want(t, "n", numbers(500)...)
		}
	})
}

func TestSendAndPublishOfOneGoroutineKeepTheirOrder(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{QueueSize: 1000})
		c, s := r.pair(t)
		r.subscribe(t, s, "a", "b")
		for i := range 300 {
			d := strconv.Itoa(i)
			switch i % 3 {
			case 0:
				r.publish(t, "a", d)
			case 1:
				if err := s.Send(live.Message{Topic: "sent", Data: []byte(d)}); err != nil {
					t.Fatal(err)
				}
			case 2:
				r.publish(t, "b", d)
			}
		}
		for i := range 300 {
			c.want(t, []string{"a", "sent", "b"}[i%3], strconv.Itoa(i))
		}
	})
}

func TestAllSubscribersSeeOneOrderOfSeveralPublishers(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const publishers, each, subscribers = 4, 250, 60
		r := serve(t, kind, live.Options{QueueSize: 10000})
		var clients []*client
		for range subscribers {
			c, s := r.pair(t)
			r.subscribe(t, s, "n")
			clients = append(clients, c)
		}
		var work sync.WaitGroup
		for p := range publishers {
			work.Go(func() {
				for i := range each {
					r.server.Publish("n", fmt.Appendf(nil, "[%d,%d]", p, i))
				}
			})
		}
		seen := make([][]string, subscribers)
		for i, c := range clients {
			work.Go(func() {
				for range publishers * each {
					s, err := c.receive()
					if err != nil {
						t.Errorf("subscriber %d: %v", i, err)
						return
					}
					seen[i] = append(seen[i], s)
				}
			})
		}
		work.Wait()
		for i := range seen {
			if !slices.Equal(seen[i], seen[0]) {
				t.Fatalf("subscriber %d saw another order than subscriber 0", i)
			}
		}
		checkEachPublisher(t, seen[0], publishers)
	})
}

// checkEachPublisher checks that what one publisher published comes in its order.
func checkEachPublisher(t *testing.T, seen []string, publishers int) {
	t.Helper()
	next := make([]int, publishers)
	for _, s := range seen {
		var p, i int
		if _, err := fmt.Sscanf(s, `{"topic":"n","data":[%d,%d]}`, &p, &i); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		if i != next[p] {
			t.Fatalf("publisher %d: %d came, want %d", p, i, next[p])
		}
		next[p]++
	}
}
