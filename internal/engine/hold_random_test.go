package engine

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// ledger is a topic with a history: what numbers a publication also hands it to the
// engine, under one lock, as a broker does.
type ledger struct {
	e     *Engine
	topic string
	late  chan *Frame // nil: what is numbered is pushed at once; else a moment later, as from a broker elsewhere

	mu   sync.Mutex // guards the field below, and the order of Push
	past []*Frame
}

func (g *ledger) publish(o Overflow) {
	g.e.Ready(g.topic)
	g.mu.Lock()
	defer g.mu.Unlock()
	f := pub(g.topic, uint64(len(g.past)+1), o)
	g.past = append(g.past, f)
	if g.late != nil {
		g.late <- f
		return
	}
	g.e.Push(g.topic, f, nil)
}

// push pushes what is late.
func (g *ledger) push(rng *rand.Rand) {
	for f := range g.late {
		for range rng.IntN(30) {
			runtime.Gosched()
		}
		g.e.Push(g.topic, f, nil)
	}
}

// page is what comes after a publication, up to so many.
func (g *ledger) page(after uint64, most int) []*Frame {
	g.mu.Lock()
	defer g.mu.Unlock()
	rest := g.past[after:]
	return rest[:min(most, len(rest)):min(most, len(rest))]
}

// The load of the test below.
const (
	holdPublishers = 3
	holdEach       = 1500 // publications of one publisher
	holdReaders    = 6
)

// Every subscription falls behind and is brought up to date, over and over, while
// publishers go on: each stream is what was published, whole, once and in order.
func TestStreamIsWholeHoweverOftenItFallsBehind(t *testing.T) {
	for seed := range uint64(3) {
		r := newRig(t, Options{Loops: 2, NetSockets: true, InboxSize: 256})
		streamsAreWhole(t, r, &ledger{e: r.e, topic: "room"}, seed)
	}
}

// The same with a history that is ahead of what is published here.
func TestStreamIsWholeWhereHistoryRunsAhead(t *testing.T) {
	for seed := range uint64(3) {
		r := newRig(t, Options{Loops: 2, NetSockets: true, InboxSize: 256})
		g := &ledger{e: r.e, topic: "room", late: make(chan *Frame, 20)}
		var pushing sync.WaitGroup
		pushing.Go(func() { g.push(rand.New(rand.NewPCG(seed, 100))) })
		streamsAreWhole(t, r, g, seed)
		close(g.late)
		pushing.Wait()
	}
}

func streamsAreWhole(t *testing.T, r *rig, g *ledger, seed uint64) {
	var publishers, drivers sync.WaitGroup
	var over atomic.Bool
	streams := make([]strings.Builder, holdReaders)
	for i := range streams {
		c := r.fake(&fakeSocket{room: anyRoom, wrote: func(_ *Conn, b []byte) { streams[i].WriteString(payloads(b)) }}, silent{})
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		drivers.Go(func() {
			after := uint64(0)
			for last := false; !last; {
				last = over.Load()
				after = g.fallAndCatchUp(t, c, rng, after)
			}
		})
	}
	for range holdPublishers {
		publishers.Go(func() {
			for range holdEach {
				g.publish(Disconnect)
			}
		})
	}
	publishers.Wait()
	over.Store(true)
	drivers.Wait()
	r.settle()
	var want strings.Builder
	for n := range holdPublishers * holdEach {
		fmt.Fprintf(&want, "%d,", n+1)
	}
	for i := range streams {
		if got := streams[i].String(); got != want.String() {
			t.Errorf("seed %d: subscriber %d was not written 1 to %d: %s", seed, i, len(g.past), firstBreak(got))
		}
	}
}

// fallAndCatchUp makes c's subscription, which has had what is up to after, fall behind
// once. It returns how far it was brought. Of what was published before anybody was
// subscribed only the history knows: so that is read to its end first.
func (g *ledger) fallAndCatchUp(t *testing.T, c *Conn, rng *rand.Rand, after uint64) uint64 {
	h, err := g.e.Hold(c, g.topic, 0)
	if err != nil {
		t.Errorf("Hold: %v", err)
		return after
	}
	if !h.Added {
		after = max(after, h.Seq)
	}
	for range rng.IntN(20) {
		runtime.Gosched()
	}
	for more := true; more; {
		page := g.page(after, 50)
		for _, f := range page {
			if !h.Send(f) {
				t.Error("Send says that the subscription has ended")
			}
			after++
		}
		more = len(page) == 50 || h.CatchUp(Catch{After: after, Most: rng.IntN(10)}) == Late
	}
	for range rng.IntN(20) {
		runtime.Gosched()
	}
	return after
}

// firstBreak says where a stream of numbers does not go on by one.
func firstBreak(stream string) string {
	list := strings.Split(stream, ",")
	for i, s := range list {
		if s != fmt.Sprint(i+1) {
			return fmt.Sprintf("after %d comes %q", i, list[i:min(i+5, len(list))])
		}
	}
	return "it has too many"
}
