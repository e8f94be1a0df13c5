package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/livetopics/live/bench/internal/process"
)

// history compares the price of a delivery on a topic with history with that on one without: server CPU
// while bursts are published, each when the one before has arrived everywhere.
func history() error {
	sessions, bursts, burst := scaled(500), scaled(60), 256
	s, err := start("topics")
	if err != nil {
		return err
	}
	defer s.Stop()
	topics := []string{"plain:a", "chat:a"}
	rooms := make([]*room, len(topics))
	for i, topic := range topics {
		if rooms[i], err = openRoom(s, topic, sessions); err != nil {
			return err
		}
		defer rooms[i].close()
	}
	costs := make([][]time.Duration, len(topics))
	for round := range *rounds + 1 {
		for i := range topics {
			cost, err := rooms[i].flood(s, bursts, burst)
			if err != nil {
				return err
			}
			if round > 0 { // the first warms up
				costs[i] = append(costs[i], cost/time.Duration(bursts*burst*sessions/1000))
			}
		}
	}
	without, with := median(costs[0]), median(costs[1])
	fmt.Printf("history: %d sessions, bursts of %d: a thousand deliveries cost %v without history and %v with: %.3f times\n",
		sessions, burst, without, with, float64(with)/float64(without))
	return nil
}

// room is the subscribers of one topic, who count what they get.
type room struct {
	topic   string
	clients []*client
	got     atomic.Int64
	failed  atomic.Pointer[error]
	readers sync.WaitGroup
}

func openRoom(s *process.Server, topic string, n int) (*room, error) {
	r := &room{topic: topic}
	var err error
	if r.clients, err = dialAll(s.Addr, n); err != nil {
		return nil, err
	}
	for _, c := range r.clients {
		if err := c.send(fmt.Sprintf(`{"op":"subscribe","id":1,"topic":%q}`, topic)); err != nil {
			return nil, err
		}
		if _, err := c.until(`"result"`); err != nil {
			return nil, err
		}
		r.readers.Go(func() { r.read(c) }) // owner: the room; ends when close closes the connection
	}
	return r, nil
}

func (r *room) read(c *client) {
	for {
		if _, err := c.next(); err != nil {
			r.failed.CompareAndSwap(nil, &err)
			return
		}
		r.got.Add(1)
	}
}

// flood has bursts published, and returns the server's CPU time for them.
func (r *room) flood(s *process.Server, bursts, burst int) (time.Duration, error) {
	before, err := process.CPU(s.PID)
	if err != nil {
		return 0, err
	}
	for range bursts {
		goal := r.got.Load() + int64(burst*len(r.clients))
		if _, _, err := publish(s, query("topic", r.topic, "n", burst, "size", 100)); err != nil {
			return 0, err
		}
		if err := r.reach(goal); err != nil {
			return 0, err
		}
	}
	after, err := process.CPU(s.PID)
	return after - before, err
}

// reach waits until so many deliveries have come.
func (r *room) reach(goal int64) error {
	tick := time.NewTicker(200 * time.Microsecond)
	defer tick.Stop()
	end := time.Now().Add(patience)
	for r.got.Load() < goal {
		if err := r.failed.Load(); err != nil {
			return *err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d of %d deliveries came", r.got.Load(), goal)
		}
		<-tick.C
	}
	return nil
}

func (r *room) close() {
	closeAll(r.clients)
	r.readers.Wait()
}
