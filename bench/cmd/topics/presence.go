package main

import (
	"fmt"
	"time"

	"github.com/livetopics/live/bench/internal/process"
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
		events := b.row(name+"messages a second that a member gets", "", limit{})
		bytes := b.row(name+"bytes a second that a member gets", "", limit{})
		most := b.row(name+"messages a second, the member with most", "", limit{})
		answer := b.row(name+"bytes of the answer to who returns", "", limit{})
		cost := b.row(name+"server CPU, % of a core", "", limit{})
		err := b.with(ours, func(s *process.Server) error {
			c := &crowd{server: s, way: d}
			cpu, err := c.run(members, seconds)
			c.close()
			if err != nil {
				return err
			}
			t := c.total(float64(seconds))
			events.add(ours, t.events)
			bytes.add(ours, t.bytes)
			most.add(ours, t.most)
			answer.add(ours, t.answer)
			cost.add(ours, 100*cpu.Seconds()/float64(seconds))
			return nil
		}, "-grace", d.grace)
		if err != nil {
			return err
		}
	}
	return nil
}
