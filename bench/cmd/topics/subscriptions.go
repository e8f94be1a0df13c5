package main

import (
	"fmt"
	"strings"

	"github.com/livetopics/live/bench/internal/client"
	"github.com/livetopics/live/bench/internal/process"
	"github.com/livetopics/live/bench/internal/rows"
)

// subscribers is one way to subscribe many sessions to many topics.
type subscribers struct {
	name   string // of the row
	prefix string // of the topics
	own    bool   // every session has topics of its own
	byUs   bool   // by Server.Subscribe instead of the operation: ours alone
	limit  rows.Limit
}

// waysToSubscribe are those measured. The target is for topics that sessions share.
var waysToSubscribe = []subscribers{
	{name: "shared topics", prefix: "plain:", limit: rows.AtMost(150)},
	{name: "shared topics, by Server.Subscribe", prefix: "plain:", byUs: true, limit: rows.AtMost(150)},
	{name: "shared topics with history", prefix: "chat:"},
	{name: "topics of its own", prefix: "plain:", own: true},
}

// subscriptions measures what a subscription beyond a session's first costs in resident memory.
func (b *bench) subscriptions() error {
	sessions, topics := b.scaled(200), 500
	for _, way := range waysToSubscribe {
		name := fmt.Sprintf("a subscription of %d × %d, %s: resident bytes", sessions, topics, way.name)
		servers, against := []string{ours, theirs}, "centrifuge"
		if way.byUs {
			servers, against = servers[:1], ""
		}
		asIs, clean := b.rows.Row(name, against, rows.Limit{}), b.rows.Row(name+", collected", against, way.limit)
		for _, server := range servers {
			err := b.with(server, func(s *process.Server) error {
				one, two, err := way.measure(s, server, sessions, topics)
				add(asIs, server, one)
				add(clean, server, two)
				return err
			})
			if err != nil {
				return fmt.Errorf("%s, %s: %w", server, way.name, err)
			}
		}
	}
	return nil
}

// measure returns the growth per subscription beyond each session's first: as it stands, and collected.
func (w subscribers) measure(s *process.Server, server string, sessions, topics int) (asIs, clean float64, err error) {
	clients, err := dialAll(server, s.Addr, sessions)
	defer client.CloseAll(clients)
	if err != nil {
		return 0, 0, err
	}
	if err := w.subscribe(s, server, clients, 0, 1); err != nil {
		return 0, 0, err
	}
	before, err := collected(s)
	if err != nil {
		return 0, 0, err
	}
	if err := w.subscribe(s, server, clients, 1, topics); err != nil {
		return 0, 0, err
	}
	stands, err := standing(s)
	if err != nil {
		return 0, 0, err
	}
	after, err := collected(s)
	n := float64(sessions * (topics - 1))
	return float64(stands-before) / n, float64(after-before) / n, err
}

// subscribe subscribes every session to the topics from first to before end.
func (w subscribers) subscribe(s *process.Server, server string, clients []*client.Client, first, end int) error {
	if w.byUs {
		_, err := client.Order(s.Addr, "/subscribe", "topic", w.prefix, "first", first, "end", end)
		return err
	}
	return client.Together(len(clients), 8, func(i int) error {
		prefix := w.prefix
		if w.own {
			prefix = fmt.Sprintf("%s%d-", prefix, i)
		}
		if server == theirs {
			return subscribeCentrifuge(clients[i], prefix, first, end)
		}
		return subscribeLive(clients[i], prefix, first, end)
	})
}

// subscribeLive subscribes a client in one operation.
func subscribeLive(c *client.Client, prefix string, first, end int) error {
	list := make([]string, 0, end-first)
	for n := first; n < end; n++ {
		list = append(list, fmt.Sprintf(`"%s%d":null`, prefix, n))
	}
	answer, err := c.Ask(fmt.Sprintf(`{"op":"subscribe","id":1,"topics":{%s}}`, strings.Join(list, ",")), `{"id":1,"result":`)
	if err == nil && strings.Contains(string(answer), `"error"`) {
		err = fmt.Errorf("refused: %.300s", answer)
	}
	return err
}

// subscribeCentrifuge subscribes a client in one operation for each, which is what there is.
func subscribeCentrifuge(c *client.Client, prefix string, first, end int) error {
	for n := first; n < end; n++ {
		text := fmt.Sprintf(`{"id":%d,"subscribe":{"channel":"%s%d"}}`, n+10, prefix, n)
		if _, err := c.Ask(text, fmt.Sprintf(`{"id":%d,"subscribe":`, n+10)); err != nil {
			return err
		}
	}
	return nil
}
