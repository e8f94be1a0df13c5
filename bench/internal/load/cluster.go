package load

import (
	"errors"
	"fmt"

	"github.com/livetopics/live/bench/internal/process"
)

// letters fill the data of each publisher's publications.
const letters = "xyzuvw"

// Cluster is several processes that are one server: what is published on one node, subscribers of all get.
type Cluster struct {
	Nodes      []*process.Server // over which sessions are spread evenly
	Publishers int               // at least one, at most six; on the nodes in turn, to the same topic

	// BrokerPID is the process of the broker between the nodes, whose CPU time is read too; 0: none.
	BrokerPID int

	// OneOrder says that all subscribers get the publications of several publishers in the same order.
	OneOrder bool
}

// Run is as the func Run: the scenarios saturated and paced on all nodes, where each publisher has its part of
// the window or of the rate. CPU time is the sum of the nodes'. It fails also where two subscribers got the
// publications of several publishers in another order, though there should be one.
func (c Cluster) Run(name string, config Config) (Result, error) {
	if len(c.Nodes) < 1 || c.Publishers < 1 || c.Publishers > len(letters) {
		return Result{}, fmt.Errorf("load: %d nodes and %d publishers: at least 1, and at most %d publishers",
			len(c.Nodes), c.Publishers, len(letters))
	}
	if (len(c.Nodes) > 1 || c.Publishers > 1) && name != "saturated" && name != "paced" {
		return Result{}, fmt.Errorf("load: %q is not a scenario for several nodes", name)
	}
	return c.run(name, config)
}

func (c Cluster) addrs() (list []string) {
	for _, n := range c.Nodes {
		list = append(list, n.Addr)
	}
	return list
}

// errOrder says that there was not one order.
var errOrder = errors.New("load: two subscribers got the publications in different orders")

// oneOrder checks that all subscribers had one order. All have had the same publications when it is called.
func (s *scenario) oneOrder() error {
	var first *conn
	for _, c := range s.conns {
		switch {
		case c == nil || len(c.feeds) == 0:
		case first == nil:
			first = c
		case c.order != first.order:
			return fmt.Errorf("%w: %v and %v", errOrder, first, c)
		}
	}
	return nil
}
