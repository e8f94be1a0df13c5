package live_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/memory"
)

// hesitantBroker is one that takes its time, as one elsewhere does: over history, so that
// much is published before it is read, and after, and over delivering, so that history has
// it already.
type hesitantBroker struct {
	broker.Broker
	deliver broker.Deliver
	run     sync.WaitGroup

	mu   sync.Mutex // guards the fields below
	some *sync.Cond // on mu: there is something, or it ends
	late []lateDelivery
	over bool
}

type lateDelivery struct {
	topic, epoch string
	p            broker.Publication
}

func openHesitant(d broker.Deliver) (broker.Broker, error) {
	h := &hesitantBroker{deliver: d}
	h.some = sync.NewCond(&h.mu)
	var err error
	h.Broker, err = memory.New(memory.Options{})(h.put)
	h.run.Go(h.deliverAll)
	return h, err
}

func (h *hesitantBroker) put(topic, epoch string, p *broker.Publication) {
	kept := *p
	kept.Data = bytes.Clone(p.Data)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.late = append(h.late, lateDelivery{strings.Clone(topic), epoch, kept})
	h.some.Signal()
}

// deliverAll delivers in order, a moment later.
func (h *hesitantBroker) deliverAll() {
	for {
		h.mu.Lock()
		for len(h.late) == 0 && !h.over {
			h.some.Wait()
		}
		list := h.late
		h.late = nil
		h.mu.Unlock()
		if len(list) == 0 {
			return
		}
		for i := range list {
			if rand.IntN(20) == 0 {
				hesitate()
			}
			h.deliver(list[i].topic, list[i].epoch, &list[i].p)
		}
	}
}

func (h *hesitantBroker) History(ctx context.Context, topic string, history broker.History, q broker.Query) (broker.Page, error) {
	hesitate()
	page, err := h.Broker.History(ctx, topic, history, q)
	hesitate()
	return page, err
}

func (h *hesitantBroker) Close(ctx context.Context) error {
	h.mu.Lock()
	h.over = true
	h.some.Signal()
	h.mu.Unlock()
	h.run.Wait()
	return h.Broker.Close(ctx)
}

// hesitate lets others publish meanwhile.
func hesitate() {
	for range 50 {
		runtime.Gosched()
	}
}
