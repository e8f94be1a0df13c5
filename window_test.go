package live_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/livetopics/live"
)

const streamPublishers = 3

// stream publishes ever higher numbers to a topic until the test stops it: publisher p
// those that are p modulo streamPublishers.
type stream struct {
	begun    [streamPublishers]atomic.Int64 // the newest number each may be publishing
	finished [streamPublishers]atomic.Int64 // the newest that each has published
	stop     chan struct{}
	pace     chan struct{} // a token for every publication that may be under way
	done     sync.WaitGroup
}

func publishOn(r *rig, topic string) *stream {
	st := &stream{stop: make(chan struct{}), pace: make(chan struct{}, 64)}
	for range cap(st.pace) {
		st.pace <- struct{}{}
	}
	for p := range streamPublishers {
		st.begun[p].Store(int64(p - streamPublishers))
		st.finished[p].Store(int64(p - streamPublishers))
		st.done.Go(func() {
			for i := range 1 << 20 {
				n := int64(i*streamPublishers + p)
				select {
				case <-st.stop:
					return
				case <-st.pace:
					st.begun[p].Store(n)
					r.server.Publish(topic, strconv.AppendInt(nil, n, 10))
					st.finished[p].Store(n)
				}
			}
		})
	}
	return st
}

// marks are the newest numbers of all publishers.
func marks(of *[streamPublishers]atomic.Int64) (m [streamPublishers]int64) {
	for p := range m {
		m[p] = of[p].Load()
	}
	return m
}

func (st *stream) end() {
	close(st.stop)
	st.done.Wait()
}

// number is what a publication of a stream says, or -1 for another message.
func number(message string) int64 {
	s, ok := strings.CutPrefix(message, `{"topic":"n","data":`)
	if !ok {
		return -1
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(s, "}"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// collect receives the numbers up to the message that is none.
func collect(t *testing.T, c *client) map[int64]bool {
	t.Helper()
	got := map[int64]bool{}
	for {
		n := number(c.next(t))
		if n < 0 {
			return got
		}
		if got[n] {
			t.Fatalf("publication %d came twice", n)
		}
		got[n] = true
	}
}

func TestWhatIsPublishedBetweenSubscribeAndUnsubscribeComesAndNothingAfter(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{QueueSize: 1 << 20, Limits: live.Limits{QueueBytes: 1 << 30}})
		c, s := r.pair(t)
		other, os := r.pair(t) // keeps the topic alive on another loop
		r.subscribe(t, os, "n")
		var reading sync.WaitGroup
		st := publishOn(r, "n")
		reading.Go(func() {
			for {
				if _, err := other.receive(); err != nil {
					return
				}
				st.pace <- struct{}{}
			}
		})
		for round := range 100 {
			r.subscribe(t, s, "n")
			from := marks(&st.begun)
			eventually(t, "something is published", func() bool {
				m := marks(&st.finished)
				return m[0] > from[0] && m[1] > from[1] && m[2] > from[2]
			})
			until := marks(&st.finished)
			if err := r.server.Unsubscribe(s, "n"); err != nil {
				t.Fatal(err)
			}
			last := marks(&st.begun)
			s.Send(live.Message{Topic: "end", Data: fmt.Append(nil, round)})
			checkWindow(t, collect(t, c), from, until, last)
		}
		st.end()
		os.Close()
		reading.Wait()
	})
}

// checkWindow checks that all after from up to until came, and none after last.
func checkWindow(t *testing.T, got map[int64]bool, from, until, last [streamPublishers]int64) {
	t.Helper()
	for p := range streamPublishers {
		for n := from[p] + streamPublishers; n <= until[p]; n += streamPublishers {
			if !got[n] {
				t.Fatalf("%d was missed: Subscribe returned at %d, Unsubscribe was called at %d", n, from[p], until[p])
			}
		}
	}
	for n := range got {
		if p := n % streamPublishers; n > last[p] {
			t.Fatalf("%d was delivered: Unsubscribe had returned at %d", n, last[p])
		}
	}
}

func TestASecondSubscribeDeliversNothingTwice(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c, s := r.pair(t)
		r.subscribe(t, s, "n", "n", "m", "n")
		if got := s.Topics(); fmt.Sprint(got) != "[n m]" {
			t.Errorf("Topics() is %v, want [n m]", got)
		}
		r.publish(t, "n", "1")
		r.publish(t, "m", "2")
		c.want(t, "n", "1")
		c.want(t, "m", "2")
		if err := r.server.Unsubscribe(s, "n"); err != nil {
			t.Fatal(err)
		}
		r.publish(t, "n", "3")
		r.publish(t, "m", "4")
		c.want(t, "m", "4")
	})
}

func TestPublicationsReachTheTopicsSubscribersAlone(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		a, as := r.pair(t)
		b, bs := r.pair(t)
		r.subscribe(t, as, "chat:room")
		r.subscribe(t, bs, "chat:room:1")
		r.publish(t, "chat:room", `"for a"`)
		r.publish(t, "chat:room:1", `"for b"`)
		r.publish(t, "chat", `"for nobody"`)
		as.Send(live.Message{Topic: "end"})
		bs.Send(live.Message{Topic: "end"})
		a.want(t, "chat:room", `"for a"`)
		b.want(t, "chat:room:1", `"for b"`)
		a.want(t, "end", "null")
		b.want(t, "end", "null")
	})
}

func TestASubscriptionInTheMiddleOfABurstStartsThere(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{QueueSize: 1000})
		c, s := r.pair(t)
		_, other := r.pair(t)
		r.subscribe(t, other, "n")
		for range 50 { // in one turn or in several, as it comes
			r.publish(t, "n", "0")
			r.subscribe(t, s, "n")
			r.publish(t, "n", "1")
			if err := r.server.Unsubscribe(s, "n"); err != nil {
				t.Fatal(err)
			}
			r.publish(t, "n", "2")
			r.subscribe(t, s, "n")
			r.publish(t, "n", "3")
			if err := r.server.Unsubscribe(s, "n"); err != nil {
				t.Fatal(err)
			}
		}
		for range 50 {
			c.want(t, "n", "1", "3")
		}
	})
}
