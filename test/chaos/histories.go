package main

import (
	"context"
	"fmt"

	"github.com/livetopics/live/client"
	"github.com/livetopics/live/test/chaos/internal/record"
)

// histories reads all that is kept, from every node: each is a stream too.
func (r *round) histories(ctx context.Context, askers []*client.Client, heads map[string]record.Position) []*record.Stream {
	var all []*record.Stream
	for i, c := range askers {
		for _, topic := range kept() {
			s := &record.Stream{Who: fmt.Sprintf("the history from n%d", i+1), Topic: topic, Live: true}
			if err := readHistory(ctx, c, s, heads[topic]); err != nil {
				r.found("history", "%s on %s: %v", s.Who, topic, err)
				continue
			}
			all = append(all, s)
		}
	}
	return all
}

// pageSize is how much of a history is asked for at once.
const pageSize = 1000

// readHistory reads one history from its beginning to its end.
func readHistory(ctx context.Context, c *client.Client, s *record.Stream, head record.Position) error {
	at := client.Position{Epoch: head.Epoch}
	s.Began = record.Position(at)
	for {
		within, cancel := context.WithTimeout(ctx, settleWithin)
		page, err := c.History(within, s.Topic, client.HistoryOptions{Since: &at, Limit: pageSize})
		cancel()
		if err != nil {
			return err
		}
		if page.Position.Epoch != head.Epoch {
			return fmt.Errorf("the epoch is %s, and was %s", page.Position.Epoch, head.Epoch)
		}
		for _, p := range page.Publications {
			if at.Seq == 0 && lossy(s.Topic) {
				s.Began.Seq = p.Seq - 1 // the beginning is not kept
			}
			at.Seq = p.Seq
			id, err := record.ReadBody(s.Topic, p.Data)
			if err != nil {
				s.Strange = append(s.Strange, err.Error())
				continue
			}
			s.Events = append(s.Events, record.Event{ID: id, At: record.Position(at)})
		}
		if len(page.Publications) == 0 || at.Seq >= head.Seq {
			return nil
		}
	}
}
