package presence_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live/internal/presence"
)

const (
	modelTopics   = 3
	modelUsers    = 4
	modelSessions = 12 // at each node, on each topic
	modelSteps    = 40 // of each session
)

// chance is a source of luck that many goroutines share.
type chance struct {
	mu  sync.Mutex // guards rng
	rng *rand.Rand
}

func (c *chance) n(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rng.IntN(n)
}

// trouble makes calls take time, and fail now and then if they may. No wait is of 0: in
// a bubble such timers run on several threads at once, and the race detector of Go
// 1.26 breaks down.
func (c *chance) trouble(failing bool) func(context.Context, string, string) (error, error) {
	return func(ctx context.Context, _, _ string) (before, after error) {
		select {
		case <-time.After(time.Duration(1+c.n(4)*c.n(4)) * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err(), nil
		}
		if failing {
			switch c.n(10) {
			case 0:
				return errLost, nil
			case 1:
				return nil, errLost
			}
		}
		return nil, nil
	}
}

// actor is one session on one topic, and what it should be there: "" for nothing.
type actor struct {
	topic string
	user  string
}

// live has the session come, go and change at random; another goroutine may take it
// away at the same time.
func (a *actor) live(c *chance, r *rig) {
	for range modelSteps {
		<-time.After(time.Duration(1+c.n(30)) * time.Millisecond)
		user, info := fmt.Sprint("u", c.n(modelUsers)), []byte(fmt.Sprint(c.n(3)))
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(1+c.n(40))*time.Millisecond)
		switch c.n(5) {
		case 0, 1:
			a.user = user
			if r.Join(ctx, a.topic, 0, a, user, info) != nil {
				a.leave(r) // a repeat that failed is still there
			}
		case 2:
			if a.user != "" {
				user = []string{user, a.user}[c.n(2)]
				if r.Update(ctx, a.topic, a, user, info) == nil {
					a.user = user
				} else {
					a.leave(r)
				}
			}
		case 3:
			a.leave(r)
		default: // both at once: one of them is first, and the last word is a leave
			var both sync.WaitGroup
			both.Go(func() { _ = r.Join(ctx, a.topic, 0, a, user, info) })
			both.Go(func() { r.Leave(a.topic, a) })
			both.Wait()
			a.leave(r)
		}
		cancel()
	}
}

func (a *actor) leave(r *rig) {
	r.Leave(a.topic, a)
	a.user = ""
}

// checkAlternation plays the events back: who is there in the end, by topic and user.
func checkAlternation(t *testing.T, events []string) map[string]bool {
	t.Helper()
	there := map[string]bool{}
	for i, ev := range events {
		part := strings.Fields(ev)
		who := part[0] + "/" + part[2]
		if (part[1] == "join") == there[who] {
			t.Fatalf("event %d, %q: but there is %v", i, ev, there[who])
		}
		there[who] = part[1] != "leave"
	}
	return there
}

func TestRandomInterleavingsEndInTheTruth(t *testing.T) {
	for _, nodes := range []int{1, 2} {
		for _, failing := range []bool{false, true} {
			for _, grace := range []time.Duration{-1, 20 * time.Millisecond} {
				t.Run(fmt.Sprintf("nodes=%d failing=%v grace=%v", nodes, failing, grace), func(t *testing.T) {
					seed := rand.Uint64()
					t.Logf("seed %d", seed)
					synctest.Test(t, func(t *testing.T) { runModel(t, seed, nodes, failing, grace) })
				})
			}
		}
	}
}

func runModel(t *testing.T, seed uint64, nodes int, failing bool, grace time.Duration) {
	luck := &chance{rng: rand.New(rand.NewPCG(seed, 1))}
	c := newCluster(t)
	var run sync.WaitGroup
	var actors []*actor
	var rigs []*rig
	for range nodes {
		r := rigOn(t, c, presence.Options{Grace: grace})
		r.trouble(luck.trouble(failing))
		rigs = append(rigs, r)
		for i := range modelTopics * modelSessions {
			a := &actor{topic: fmt.Sprint("t", i%modelTopics)}
			actors = append(actors, a)
			run.Go(func() { a.live(luck, r) })
		}
	}
	run.Wait()
	for _, r := range rigs {
		r.trouble(nil)
	}
	pass(time.Minute)

	truth := map[string]int{}
	for _, a := range actors {
		if a.user != "" {
			truth[a.topic+"/"+a.user]++
		}
	}
	for i := range modelTopics * modelUsers {
		topic, user := fmt.Sprint("t", i%modelTopics), fmt.Sprint("u", i/modelTopics)
		if told, want := c.told(topic, user), truth[topic+"/"+user]; told != want {
			t.Errorf("the broker has %d sessions of %s on %s, want %d", told, user, topic, want)
		}
	}
	if nodes == 1 { // the events of several have no order among them
		events := rigs[0].take()
		t.Logf("%d events", len(events))
		for who, there := range checkAlternation(t, events) {
			if there != (truth[who] > 0) {
				t.Errorf("announced that %s is there: %v, want %v", who, there, truth[who] > 0)
			}
		}
	}
	if len(truth) == 0 {
		rigs[0].wantNothingHeld()
	}
	for _, r := range rigs {
		r.close()
	}
	for topic, p := range c.topics {
		if len(p.at) > 0 {
			t.Errorf("after Close there are %d members on %s", len(p.at), topic)
		}
	}
}
