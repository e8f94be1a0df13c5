package live_test

import (
	"context"
	"runtime"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/memory"
)

// hesitantBroker is one that takes its time over history, as one elsewhere does: much is
// published before it is read, and after.
type hesitantBroker struct{ broker.Broker }

func openHesitant(d broker.Deliver) (broker.Broker, error) {
	b, err := memory.New(memory.Options{})(d)
	return hesitantBroker{b}, err
}

func (b hesitantBroker) History(ctx context.Context, topic string, h broker.History, q broker.Query) (broker.Page, error) {
	hesitate()
	page, err := b.Broker.History(ctx, topic, h, q)
	hesitate()
	return page, err
}

// hesitate lets others publish meanwhile.
func hesitate() {
	for range 50 {
		runtime.Gosched()
	}
}
