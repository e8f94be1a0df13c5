package load_test

import (
	"net"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/livetopics/live/bench/internal/host"
	"github.com/livetopics/live/bench/internal/load"
	"github.com/livetopics/live/bench/internal/process"
	"github.com/livetopics/live/bench/internal/wire"
)

// faultyCluster is two nodes with one subscriber each; whatever one of them is sent, both deliver, the second with a
// fault.
type faultyCluster struct {
	fault func(messages [][]byte) [][]byte // of all so far, what the second node delivers now

	mu          sync.Mutex // guards what follows
	subscribers []net.Conn
	messages    [][]byte
}

func (f *faultyCluster) act(c net.Conn, _ byte, message []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = host.Act(message, func(string) {
		f.subscribers = append(f.subscribers, c)
		_, _ = c.Write(wire.Append(nil, wire.OpText, host.Answer))
	}, func(string) {
		f.messages = append(f.messages, append([]byte(nil), message...))
		_, _ = f.subscribers[0].Write(newest(f.messages))
		for _, m := range f.fault(f.messages) {
			_, _ = f.subscribers[1].Write(text(m))
		}
	})
}

// nodes starts both.
func (f *faultyCluster) nodes(t *testing.T) (nodes []*process.Server) {
	t.Helper()
	for range 2 {
		addr := listen(t, func(c net.Conn) { serve(c, f.act) })
		nodes = append(nodes, &process.Server{Addr: addr, Dialect: host.Founding, PID: os.Getpid()})
	}
	return nodes
}

func last(m [][]byte) [][]byte { return m[len(m)-1:] }

// swapped delivers the fifth of all publications after the sixth.
func swapped(m [][]byte) [][]byte {
	switch len(m) {
	case 5:
		return nil
	case 6:
		return [][]byte{m[5], m[4]}
	}
	return last(m)
}

func TestAClusterIsLoadedByPublishersOnAllNodes(t *testing.T) {
	config := tiny
	config.Sessions = 2
	for name, c := range map[string]struct {
		publishers int
		fault      func([][]byte) [][]byte
		oneOrder   bool
		want       string // in the error; "" for none
	}{
		"whole":                    {2, last, true, ""},
		"one publisher":            {1, last, true, ""},
		"in another order":         {2, swapped, true, "in different orders"},
		"which is allowed":         {2, swapped, false, ""},
		"but not of one publisher": {1, swapped, false, "lost or out of order"},
		"doubled":                  {2, func(m [][]byte) [][]byte { return append(last(m), last(m)...) }, false, "twice or late"},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := load.Cluster{
				Nodes: (&faultyCluster{fault: c.fault}).nodes(t), Publishers: c.publishers, OneOrder: c.oneOrder,
				BrokerPID: os.Getpid(),
			}
			r, err := cluster.Run("paced", config)
			switch {
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want %q in it", err, c.want)
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want == "" && (r.Deliveries != 2*r.Publications || r.Publications == 0):
				t.Errorf("%d publications became %d deliveries", r.Publications, r.Deliveries)
			}
		})
	}
}

func TestAClusterHasNodesAndAScenarioForThem(t *testing.T) {
	nodes := (&faultyCluster{fault: last}).nodes(t)
	for name, c := range map[string]struct {
		cluster  load.Cluster
		scenario string
	}{
		"no nodes":      {load.Cluster{Publishers: 1}, "paced"},
		"no publishers": {load.Cluster{Nodes: nodes}, "paced"},
		"too many":      {load.Cluster{Nodes: nodes, Publishers: 7}, "paced"},
		"for one alone": {load.Cluster{Nodes: nodes, Publishers: 1}, "fanout"},
	} {
		if _, err := c.cluster.Run(c.scenario, tiny); err == nil {
			t.Errorf("%s: nothing was refused", name)
		}
	}
}
