package main

import (
	"context"
	"fmt"

	"github.com/livetopics/live/client"
	"github.com/livetopics/live/test/chaos/internal/record"
)

// checkPresence waits until every node shows who is there, and says where it does not.
func (r *round) checkPresence(ctx context.Context, askers []*client.Client) {
	var last []record.Fault
	err := until(ctx, func() (err error) {
		last, err = r.presence(ctx, askers)
		if len(last) > 0 {
			return fmt.Errorf("%v", last[0])
		}
		return err
	})
	if err != nil && len(last) == 0 {
		r.found("presence", "%v", err)
	}
	for _, f := range last {
		r.found(f.Rule, "%s", f.Text)
	}
}

// presence compares what every node shows now.
func (r *round) presence(ctx context.Context, askers []*client.Client) ([]record.Fault, error) {
	var all []record.Fault
	for _, room := range roomTopics {
		there := r.crowd.members(room)
		for i, c := range askers {
			members, err := c.Presence(short(ctx), room, 0)
			if err != nil {
				return nil, fmt.Errorf("asking n%d about %s: %w", i+1, room, err)
			}
			shown := map[string]int{}
			for _, m := range members.List {
				shown[m.User] += m.Sessions
			}
			all = append(all, record.CheckPresence(fmt.Sprintf("n%d on %s", i+1, room), shown, there)...)
		}
	}
	return all, nil
}
