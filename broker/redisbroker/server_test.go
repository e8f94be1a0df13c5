//go:build servers

package redisbroker_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/brokertest"
	"github.com/livetopics/live/broker/redisbroker"
	"github.com/livetopics/live/internal/redistest"
)

// open opens a broker, and closes it after the test. A nil deliver ignores all.
func open(tb testing.TB, o redisbroker.Options, deliver broker.Deliver) *redisbroker.Broker {
	tb.Helper()
	if deliver == nil {
		deliver = func(string, string, *broker.Publication) {}
	}
	b, err := redisbroker.New(o)(deliver)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := b.Close(ctx); err != nil {
			tb.Error(err)
		}
	})
	return b.(*redisbroker.Broker)
}

// openAll opens nodes of one cluster, which has a prefix of its own: the dead of another
// test are none of its business.
func openAll(tb testing.TB, o redisbroker.Options, ds []broker.Deliver) (nodes []broker.Broker) {
	tb.Helper()
	o.Prefix = rand.Text()
	for _, d := range ds {
		nodes = append(nodes, open(tb, o, d))
	}
	return nodes
}

func TestBrokerOnOneServerKeepsTheContract(t *testing.T) {
	o := redisbroker.Options{URL: redistest.Start(t).URL(), Lease: time.Second}
	brokertest.Run(t, func(t *testing.T, d broker.Deliver) broker.Broker { return open(t, o, d) })
}

func TestNodesOnOneServerKeepTheContract(t *testing.T) {
	o := redisbroker.Options{URL: redistest.Start(t).URL(), Lease: time.Second}
	brokertest.RunNodes(t, func(t *testing.T, ds ...broker.Deliver) []broker.Broker { return openAll(t, o, ds) })
}

func TestBrokerOnAClusterKeepsTheContract(t *testing.T) {
	o := redisbroker.Options{URL: redistest.ClusterURL(redistest.StartCluster(t, 3)), Lease: time.Second}
	brokertest.Run(t, func(t *testing.T, d broker.Deliver) broker.Broker { return open(t, o, d) })
}

func TestNodesOnAClusterKeepTheContract(t *testing.T) {
	o := redisbroker.Options{URL: redistest.ClusterURL(redistest.StartCluster(t, 3)), Lease: time.Second}
	brokertest.RunNodes(t, func(t *testing.T, ds ...broker.Deliver) []broker.Broker { return openAll(t, o, ds) })
}
