package main

import (
	"bytes"
	"fmt"
	"time"

	"github.com/livetopics/live/bench/internal/client"
	"github.com/livetopics/live/bench/internal/process"
	"github.com/livetopics/live/bench/internal/rows"
)

// storedEach is how many publications a topic of the store keeps.
const storedEach = 10

// store measures what a stored publication of 100 bytes costs in resident memory, as it stands and after a
// collection, and what is left of it when all have expired.
func (b *bench) store() error {
	topics := b.scaled(100_000)
	name := fmt.Sprintf("a stored publication of %d × %d: resident bytes", topics, storedEach)
	asIs := b.rows.Row(name, "", rows.Limit{})
	clean := b.rows.Row(name+", collected", "", rows.AtMost(250))
	gone := b.rows.Row(name+", expired, collected", "", rows.Limit{})
	return b.with(ours, func(s *process.Server) error {
		return storeOnce(s, topics, b.age, func(a, c, g float64) {
			add(asIs, ours, a)
			add(clean, ours, c)
			add(gone, ours, g)
		})
	}, "-age", b.age.String())
}

func storeOnce(s *process.Server, topics int, age time.Duration, add func(asIs, clean, gone float64)) error {
	if _, _, err := publish(s, "topic", "store:warm", "n", 1); err != nil {
		return err
	}
	before, err := collected(s)
	if err != nil {
		return err
	}
	begun := time.Now()
	if _, _, err := publish(s, "topic", "store:", "topics", topics, "n", storedEach); err != nil {
		return err
	}
	published := time.Now()
	stands, err := process.Resident(s.PID)
	if err != nil {
		return err
	}
	after, err := collected(s)
	if err != nil {
		return err
	}
	if err := holds(s, topics, storedEach); err != nil {
		return fmt.Errorf("%v after the first publication, of age %v: %w", time.Since(begun), age, err)
	}
	// What sweeps may take as long again as a quarter of the age.
	if err := rest(time.Until(published.Add(age + max(age/4, 2*time.Second)))); err != nil {
		return err
	}
	if err := holds(s, topics, 0); err != nil {
		return err
	}
	left, err := collected(s)
	n := float64(topics * storedEach)
	add(float64(stands-before)/n, float64(after-before)/n, float64(left-before)/n)
	return err
}

// holds checks that the first topic, the last and some in between have so many publications.
func holds(s *process.Server, topics, want int) error {
	c, err := client.Dial(s.Addr, "/ws", client.SmallBuffer)
	if err != nil {
		return err
	}
	defer c.Close()
	for i := range 10 {
		topic := fmt.Sprintf("store:%d", i*(topics-1)/9)
		answer, err := c.Ask(fmt.Sprintf(`{"op":"history","id":1,"topic":%q,"limit":50}`, topic), `{"id":1,"result":`)
		if err != nil {
			return err
		}
		if got := bytes.Count(answer, []byte(`"pad"`)); got != want {
			return fmt.Errorf("%s holds %d publications, not %d", topic, got, want)
		}
	}
	return nil
}
