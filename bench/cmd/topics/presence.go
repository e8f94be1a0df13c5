package main

import (
	"fmt"
	"time"

	"github.com/livetopics/live/bench/internal/process"
	"github.com/livetopics/live/bench/internal/rows"
)

// departure is one way to leave and come back.
type departure struct {
	name  string // of the rows
	grace string
	cut   bool // the connection is cut and another one made, instead of a subscription ended and made again
}

var departures = []departure{
	{name: "after the grace", grace: "1ms"},
	{name: "within the grace", grace: "1m"},
	{name: "within the grace, connections cut", grace: "1m", cut: true},
}

// presence has a crowd on one topic, of whom a tenth leaves and comes back every second, and counts what
// the others are told meanwhile.
func (b *bench) presence() error {
	members := b.scaled(10_000)
	seconds := int(b.length / time.Second)
	for _, d := range departures {
		name := fmt.Sprintf("presence: of %d, %d a second leave and return %s: ", members, max(members/10, 1), d.name)
		events := b.rows.Row(name+"messages a second that a member gets", "", rows.Limit{})
		bytes := b.rows.Row(name+"bytes a second that a member gets", "", rows.Limit{})
		most := b.rows.Row(name+"messages a second, the member with most", "", rows.Limit{})
		answer := b.rows.Row(name+"bytes of the answer to who returns", "", rows.Limit{})
		cost := b.rows.Row(name+"server CPU, % of a core", "", rows.Limit{})
		err := b.with(ours, func(s *process.Server) error {
			c := &crowd{server: s, way: d}
			cpu, err := c.run(members, seconds)
			c.close()
			if err != nil {
				return err
			}
			t := c.total(float64(seconds))
			add(events, ours, t.events)
			add(bytes, ours, t.bytes)
			add(most, ours, t.most)
			add(answer, ours, t.answer)
			add(cost, ours, 100*cpu.Seconds()/float64(seconds))
			return nil
		}, "-grace", d.grace)
		if err != nil {
			return err
		}
	}
	return nil
}
