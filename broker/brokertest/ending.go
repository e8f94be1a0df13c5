package brokertest

import (
	"context"
	"errors"

	"github.com/livetopics/live/broker"
)

// calls makes each call that takes a context, and returns the errors by name.
func calls(r *rig, ctx context.Context) map[string]error {
	b, topic := r.nodes[0], r.topic("ending")
	errs := make(map[string]error)
	errs["Prepare"] = b.Prepare(ctx, kept)
	_, errs["Publish"] = b.Publish(ctx, &broker.Message{Topic: topic, Data: []byte("1"), History: kept})
	_, errs["Publish without history"] = b.Publish(ctx, &broker.Message{Topic: topic, Data: []byte("1")})
	errs["Follow"] = b.Follow(ctx, topic, kept)
	_, errs["History"] = b.History(ctx, topic, kept, broker.Query{Limit: 1})
	_, errs["Join"] = b.Join(ctx, topic, broker.Member{User: "ann", Sessions: 1})
	_, errs["Leave"] = b.Leave(ctx, topic, "ann")
	_, errs["Members"] = b.Members(ctx, topic, 1)
	_, errs["Tend"] = b.Tend(ctx)
	return errs
}

func endedContext(r *rig) {
	ctx, cancel := context.WithCancel(r.ctx)
	cancel()
	for name, err := range calls(r, ctx) {
		if !errors.Is(err, context.Canceled) {
			r.Errorf("%s returns %v, want context.Canceled", name, err)
		}
	}
	for name, err := range calls(r, r.ctx) {
		if err != nil {
			r.Errorf("%s afterwards returns %v", name, err)
		}
	}
}

func closedBroker(r *rig) {
	r.follow(0, r.topic("ending"), kept)
	r.close()
	errs := calls(r, r.ctx)
	errs["Unfollow"] = r.nodes[0].Unfollow(r.topic("ending"))
	for name, err := range errs {
		if !errors.Is(err, broker.ErrClosed) {
			r.Errorf("%s returns %v, want ErrClosed", name, err)
		}
	}
}

func closeAgain(r *rig) {
	r.close()
	r.close()
}
