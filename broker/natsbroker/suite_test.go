package natsbroker_test

import (
	"context"
	"testing"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/brokertest"
	"github.com/livetopics/live/broker/natsbroker"
	"github.com/livetopics/live/broker/natsembed"
)

func TestOneServerPassesTheSuite(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, d broker.Deliver) broker.Broker {
		return tidy{open(t, single(t), options(), d)}
	})
}

func TestAClusterPassesTheSuite(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, d broker.Deliver) broker.Broker {
		return tidy{open(t, trio(t)[1], options(), d)}
	})
}

func TestNodesOfOneServerPassTheSuite(t *testing.T) {
	brokertest.RunNodes(t, func(t *testing.T, ds ...broker.Deliver) []broker.Broker {
		return nodes(t, []*natsembed.Server{single(t)}, options(), ds)
	})
}

func TestNodesOfAClusterPassTheSuite(t *testing.T) {
	brokertest.RunNodes(t, func(t *testing.T, ds ...broker.Deliver) []broker.Broker {
		return nodes(t, trio(t), options(), ds)
	})
}

// tidy is a node that leaves nothing in the server.
type tidy struct{ *natsbroker.Broker }

func (n tidy) Close(ctx context.Context) error {
	if n.Err() == nil {
		n.Destroy()
	}
	return n.Broker.Close(ctx)
}

// nodes opens one broker for each function, on the servers in turn.
func nodes(t *testing.T, on []*natsembed.Server, o natsbroker.Options, ds []broker.Deliver) []broker.Broker {
	var all []broker.Broker
	for i, d := range ds {
		all = append(all, tidy{open(t, on[i%len(on)], o, d)})
	}
	return all
}
