package memory_test

import (
	"testing"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/brokertest"
	"github.com/livetopics/live/broker/memory"
)

func TestBrokerKeepsTheContract(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, d broker.Deliver) broker.Broker {
		return open(t, memory.Options{}, d)
	})
}
