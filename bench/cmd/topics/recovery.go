package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/livetopics/live/bench/internal/client"
	"github.com/livetopics/live/bench/internal/process"
	"github.com/livetopics/live/bench/internal/rows"
)

// bulkBuffer is what a client reads at once, in bytes, that recovers much.
const bulkBuffer = 64 << 10

// recovery has many clients at once recover what they missed, here and with centrifuge: clients that are
// connected already, and clients that connect for it.
func (b *bench) recovery() error {
	n, missed := b.scaled(1000), b.scaled(1000)
	for _, connected := range []bool{true, false} {
		name := fmt.Sprintf("recovery of %d by %d at once", missed, n)
		if !connected {
			name += ", connecting included"
		}
		cpu := b.rows.Row(name+": server CPU, ms", "centrifuge", rows.AtMostTimes(0.5))
		wall := b.rows.Row(name+": until all have it, ms", "centrifuge", rows.Limit{})
		for _, server := range []string{ours, theirs} {
			g := &gap{server: server, topic: "chat:a", missed: missed, clients: make([]*client.Client, n)}
			err := b.with(server, func(s *process.Server) error {
				cost, took, err := g.recover(s, connected)
				add(cpu, server, cost.Seconds()*1000)
				add(wall, server, took.Seconds()*1000)
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", server, err)
			}
		}
	}
	return nil
}

// gap is what clients missed of a topic.
type gap struct {
	server, topic string
	missed        int
	epoch         string
	first         uint64 // the position from which they recover
	clients       []*client.Client
	answers       []recovered // centrifuge's, to be checked when the time is taken
}

func (g *gap) recover(s *process.Server, connected bool) (cpu, wall time.Duration, err error) {
	if g.epoch, g.first, err = publish(s, "topic", g.topic, "n", 1); err != nil {
		return 0, 0, err
	}
	_, last, err := publish(s, "topic", g.topic, "n", g.missed)
	if err != nil {
		return 0, 0, err
	}
	if last != g.first+uint64(g.missed) {
		return 0, 0, fmt.Errorf("%d publications after number %d end with %d", g.missed, g.first, last)
	}
	n := len(g.clients)
	g.answers = make([]recovered, n)
	defer func() { client.CloseAll(g.clients) }()
	connect := func(i int) (err error) {
		g.clients[i], err = dialOne(g.server, s.Addr, bulkBuffer)
		return err
	}
	if connected {
		if err := client.Together(n, client.FewAtOnce, connect); err != nil {
			return 0, 0, err
		}
	}
	cpu, wall, err = spent(s, func() error {
		return client.Together(n, n, func(i int) error {
			if !connected {
				if err := connect(i); err != nil {
					return err
				}
			}
			return g.catchUp(i)
		})
	})
	return cpu, wall, errors.Join(err, g.check())
}

// catchUp has a client recover, and returns when it has all.
func (g *gap) catchUp(i int) (err error) {
	if g.server == theirs {
		g.answers[i], err = g.askCentrifuge(g.clients[i])
		return err
	}
	return g.askLive(g.clients[i])
}
