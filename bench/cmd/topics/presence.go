package main

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/livetopics/live/bench/internal/process"
)

// presence has a crowd on one topic, of whom a tenth leaves and comes back every second, and counts what
// each member is told meanwhile. Once those who leave are gone when they return, and once they come back
// within the grace period.
func presence() error {
	members, seconds := scaled(8000), 10
	for _, grace := range []string{"1ms", "1m"} {
		s, err := start("topics", "-grace", grace)
		if err != nil {
			return err
		}
		c := &crowd{server: s}
		cost, err := c.run(members, seconds)
		c.close()
		if stopped := s.Stop(); err == nil {
			err = stopped
		}
		if err != nil {
			return err
		}
		each := float64(members * seconds)
		fmt.Printf("presence: %d members, %d leave and return in a second, grace %s: each is told %.2f events and %.0f bytes in a second; server CPU %.2f of one processor\n",
			members, members/10, grace, float64(c.events.Load())/each, float64(c.bytes.Load())/each, cost.Seconds()/float64(seconds))
	}
	return nil
}

// crowd is members of one topic who count the events that they are told.
type crowd struct {
	server        *process.Server
	clients       []*client
	replies       []chan struct{}
	events, bytes atomic.Int64
	readers       sync.WaitGroup
}

const (
	crowdSubscribe   = `{"op":"subscribe","id":1,"topic":"crowd:a","presence":true}`
	crowdUnsubscribe = `{"op":"unsubscribe","id":2,"topic":"crowd:a"}`
)

func (c *crowd) run(members, seconds int) (cost time.Duration, err error) {
	if c.clients, err = dialAll(c.server.Addr, members); err != nil {
		return 0, err
	}
	c.replies = make([]chan struct{}, members)
	for i := range c.clients {
		c.replies[i] = make(chan struct{}, 4)
		c.readers.Go(func() { c.read(i) }) // owner: the crowd; ends when close closes the connection
	}
	if err := together(members, 64, func(i int) error { return c.ask(i, crowdSubscribe) }); err != nil {
		return 0, err
	}
	_ = rest(3 * time.Second) // until all have been told of all
	c.events.Store(0)
	c.bytes.Store(0)
	before, err := process.CPU(c.server.PID)
	if err != nil {
		return 0, err
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for second := range seconds {
		part := members / 10
		move := func(frame string) error {
			return together(part, 32, func(i int) error { return c.ask((second*part+i)%members, frame) })
		}
		if err := move(crowdUnsubscribe); err != nil {
			return 0, err
		}
		_ = rest(100 * time.Millisecond)
		if err := move(crowdSubscribe); err != nil {
			return 0, err
		}
		<-tick.C
	}
	after, err := process.CPU(c.server.PID)
	return after - before, err
}

// ask sends an operation, and waits for its answer.
func (c *crowd) ask(i int, frame string) error {
	if err := c.clients[i].send(frame); err != nil {
		return err
	}
	select {
	case <-c.replies[i]:
		return nil
	case <-time.After(patience):
		return fmt.Errorf("no answer to %s", frame)
	}
}

func (c *crowd) read(i int) {
	for {
		b, err := c.clients[i].next()
		if err != nil {
			return
		}
		if bytes.HasPrefix(b, []byte(`{"id":`)) {
			c.replies[i] <- struct{}{}
			continue
		}
		c.events.Add(1)
		c.bytes.Add(int64(len(b)))
	}
}

func (c *crowd) close() {
	closeAll(c.clients)
	c.readers.Wait()
}
