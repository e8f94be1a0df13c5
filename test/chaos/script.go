package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/livetopics/live/test/chaos/internal/cluster"
)

// kind is what breaks.
type kind string

// The kinds of steps.
const (
	cutLinks     kind = "cut"            // connections of clients to a node
	hop          kind = "hop"            // connections of clients to all nodes
	pauseLinks   kind = "pause"          // the same as cut, but they stand still
	delayLinks   kind = "delay"          // to one node
	refuseLinks  kind = "refuse"         // new ones, to one node
	killNode     kind = "kill"           // and start it again
	leaveNode    kind = "leave"          // SIGTERM, and start it again
	stopNode     kind = "stop"           // SIGSTOP, and let it go on
	cutBroker    kind = "cut broker"     // connections of a node to its broker
	pauseBroker  kind = "pause broker"   // the same, but they stand still
	delayBroker  kind = "delay broker"   // the same, but they are slow
	refuseBroker kind = "refuse broker"  // cut, and no new ones
	killBroker   kind = "kill broker"    // SIGKILL of redis-server, or of two nodes or all
	leaveBroker  kind = "restart broker" // the same with SIGTERM
	stopBroker   kind = "stop broker"    // SIGSTOP of redis-server
	churn        kind = "churn"          // clients go for good, and others come
)

// step is one fault.
type step struct {
	at    time.Duration
	kind  kind
	nodes []int         // which; the first is meant where one is
	last  time.Duration // how long until it is mended
	share float64       // of the connections
	hard  bool          // by a reset
	count int           // of clients
}

// String says what happens in a line.
func (s step) String() string {
	text := string(s.kind)
	for i, n := range s.nodes {
		text += fmt.Sprintf("%s n%d", map[bool]string{true: "", false: ","}[i == 0], n+1)
	}
	if s.share > 0 {
		text += fmt.Sprintf(", %.0f%% of the connections", 100*s.share)
	}
	if s.count > 0 {
		text += fmt.Sprintf(", %d clients", s.count)
	}
	if s.last > 0 {
		text += fmt.Sprintf(", for %s", s.last.Round(time.Millisecond))
	}
	return text
}

// weights are how often each kind comes, beside the others.
var weights = []struct {
	kind   kind
	weight int
}{
	{cutLinks, 16},
	{hop, 6},
	{pauseLinks, 10},
	{delayLinks, 5},
	{refuseLinks, 4},
	{killNode, 10},
	{leaveNode, 8},
	{stopNode, 8},
	{cutBroker, 8},
	{pauseBroker, 6},
	{delayBroker, 4},
	{refuseBroker, 5},
	{killBroker, 4},
	{leaveBroker, 3},
	{stopBroker, 3},
	{churn, 10},
}

// recovery is how long a node or broker is left alone after it was mended.
const recovery = 1500 * time.Millisecond

// script chooses what breaks from a seed: something about every second, and no node or
// broker while the last fault of it lasts.
func script(seed uint64, length time.Duration, broker string, nodes int) []step {
	r := rand.New(rand.NewPCG(seed, 1))
	busy := make([]time.Duration, nodes+1) // until when; the last is the broker's
	var all []step
	for at := 1500 * time.Millisecond; at < length; at += time.Duration(r.ExpFloat64() * float64(900*time.Millisecond)) {
		s := choose(r, nodes)
		s.at = at
		if broker == cluster.Memory && strings.Contains(string(s.kind), "broker") || broker == cluster.NATS && s.kind == stopBroker {
			continue
		}
		uses := s.uses(broker, nodes)
		if slices.ContainsFunc(uses, func(i int) bool { return busy[i] > at }) {
			continue
		}
		s.last = min(s.last, length-at)
		for _, i := range uses {
			busy[i] = at + s.last + recovery
		}
		all = append(all, s)
	}
	return all
}

// uses lists what is busy while a step lasts.
func (s *step) uses(broker string, nodes int) []int {
	switch s.kind {
	case killNode, leaveNode, stopNode, cutBroker, pauseBroker, delayBroker, refuseBroker:
		return s.nodes
	case killBroker, leaveBroker:
		if broker == cluster.NATS {
			return append(slices.Clone(s.nodes), nodes)
		}
		return []int{nodes}
	case stopBroker:
		return []int{nodes}
	}
	return nil
}

// choose makes a step without its moment.
func choose(r *rand.Rand, nodes int) step {
	total := 0
	for _, w := range weights {
		total += w.weight
	}
	n := r.IntN(total)
	at := 0
	for n >= weights[at].weight {
		n -= weights[at].weight
		at++
	}
	s := step{kind: weights[at].kind, nodes: []int{r.IntN(nodes)}, hard: r.IntN(2) == 0}
	between := func(least, most time.Duration) time.Duration {
		return least + time.Duration(r.Int64N(int64(most-least)))
	}
	switch s.kind {
	case cutLinks:
		s.share = []float64{0.1, 0.5, 1}[r.IntN(3)]
	case hop:
		s.nodes, s.share = nil, []float64{0.1, 0.3, 1}[r.IntN(3)]
	case pauseLinks:
		s.share, s.last = []float64{0.1, 0.5, 1}[r.IntN(3)], between(300*time.Millisecond, 7*time.Second)
	case killNode, leaveNode:
		s.last = between(300*time.Millisecond, 5*time.Second)
	case stopNode:
		s.last = between(300*time.Millisecond, lease+2*time.Second)
	case killBroker, leaveBroker:
		s.nodes = r.Perm(nodes)[:nodes-r.IntN(min(2, nodes))]
		s.last = between(200*time.Millisecond, 3*time.Second)
	case stopBroker:
		s.nodes, s.last = nil, between(300*time.Millisecond, 4*time.Second)
	case cutBroker:
	case churn:
		s.nodes, s.count = nil, 1+r.IntN(8)
	default:
		s.last = between(300*time.Millisecond, 4*time.Second)
	}
	return s
}
