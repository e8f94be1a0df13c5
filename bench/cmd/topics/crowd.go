package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/livetopics/live/bench/internal/client"
	"github.com/livetopics/live/bench/internal/process"
)

const (
	crowdSubscribe   = `{"op":"subscribe","id":1,"topic":"crowd:a","presence":true}`
	crowdUnsubscribe = `{"op":"unsubscribe","id":2,"topic":"crowd:a"}`
)

// crowd is the members of one topic.
type crowd struct {
	server  *process.Server
	way     departure
	members []*member
	readers sync.WaitGroup
}

// run has all come, and then a tenth leave and return every second, each time another one. It returns what
// that costs the server.
func (c *crowd) run(members, seconds int) (time.Duration, error) {
	for i := range members {
		c.members = append(c.members, &member{path: fmt.Sprintf("/ws?user=%d", i), replies: make(chan int, 4)})
	}
	if err := client.Together(members, client.FewAtOnce, c.enter); err != nil {
		return 0, err
	}
	_ = rest(3 * time.Second) // until all have been told of all
	for _, m := range c.members {
		m.reset()
	}
	cpu, _, err := spent(c.server, func() error { return c.churn(seconds, max(members/10, 1)) })
	return cpu, err
}

// churn has part of the members leave and return every second.
func (c *crowd) churn(seconds, part int) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for second := range seconds {
		move := func(f func(i int) error) error {
			return client.Together(part, client.FewAtOnce, func(i int) error { return f((second*part + i) % len(c.members)) })
		}
		if err := move(c.leave); err != nil {
			return err
		}
		_ = rest(100 * time.Millisecond)
		if err := move(c.enter); err != nil {
			return err
		}
		<-tick.C
	}
	return nil
}

// enter has member i subscribe, and connect before where it is not.
func (c *crowd) enter(i int) error {
	m := c.members[i]
	if m.client == nil {
		client, err := client.Dial(c.server.Addr, m.path, client.SmallBuffer)
		if err != nil {
			return err
		}
		m.client = client
		c.readers.Go(func() { m.read(client) }) // owner: the crowd; ends when the connection is closed
	}
	bytes, err := m.ask(crowdSubscribe)
	m.answers = append(m.answers, bytes)
	return err
}

// leave has member i unsubscribe, or be cut off.
func (c *crowd) leave(i int) error {
	m := c.members[i]
	if c.way.cut {
		m.client.Close()
		m.client = nil
		return nil
	}
	_, err := m.ask(crowdUnsubscribe)
	return err
}

// total is what members were told.
type total struct {
	events, bytes, most float64 // a second; of one member on average, and of the one with most
	answer              float64 // bytes on average
}

func (c *crowd) total(seconds float64) (t total) {
	answers := 0
	for _, m := range c.members {
		t.events += float64(m.events.Load())
		t.bytes += float64(m.bytes.Load())
		t.most = max(t.most, float64(m.events.Load())/seconds)
		for _, bytes := range m.answers {
			t.answer += float64(bytes)
			answers++
		}
	}
	all := seconds * float64(len(c.members))
	t.events, t.bytes = t.events/all, t.bytes/all
	t.answer /= float64(max(answers, 1))
	return t
}

func (c *crowd) close() {
	for _, m := range c.members {
		if m.client != nil {
			m.client.Close()
		}
	}
	c.readers.Wait()
}
