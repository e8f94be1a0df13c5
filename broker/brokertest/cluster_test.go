package brokertest_test

import (
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/brokertest"
)

// nodes opens nodes of a new cluster.
func nodes(t *testing.T, ds ...broker.Deliver) []broker.Broker {
	c := brokertest.NewCluster(500 * time.Millisecond)
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	var all []broker.Broker
	for _, d := range ds {
		n, err := c.Open(d)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	return all
}

func TestAClusterInMemoryPasses(t *testing.T) {
	brokertest.RunNodes(t, nodes)
}

func TestANodeOfAClusterInMemoryPasses(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, d broker.Deliver) broker.Broker { return nodes(t, d)[0] })
}
