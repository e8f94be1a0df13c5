package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/livetopics/live/bench/internal/client"
	"github.com/livetopics/live/bench/internal/external"
	"github.com/livetopics/live/bench/internal/process"
	"github.com/livetopics/live/bench/internal/report"
	"github.com/livetopics/live/bench/internal/rows"
)

const (
	// elsewhereTopic has all its subscribers on the first node.
	elsewhereTopic = "plain:elsewhere"
	// readers is how many those are.
	readers = 10
)

// elsewhere publishes to a topic that has subscribers on one node of three, by that node, and shows what the
// others have of it; and what they use while nothing is published for as long.
func (b *bench) elsewhere(e engine) error {
	n := b.scaled(20_000)
	name := fmt.Sprintf("%s, %s publications for one node of three: ", e.name, report.Short(float64(n)))
	return b.with(e, ours, 3, func(_ *external.Broker, nodes []*process.Server) error {
		clients, err := readersOf(nodes[0])
		defer client.CloseAll(clients)
		if err != nil {
			return err
		}
		busy, err := during(nodes, func() error { return publishAndRead(nodes[0], clients, n) })
		if err != nil {
			return err
		}
		idle, err := during(nodes, func() error { return rest(busy.wall) })
		if err != nil {
			return err
		}
		row := func(what string, limit rows.Limit, value float64) { add(b.rows.Row(name+what, "", limit), ours, value) }
		row("received by that node", rows.Limit{}, busy.received[0])
		row("received by each of the others, at most", rows.AtMost(0), max(busy.received[1], busy.received[2]))
		row("CPU of that node, ms", rows.Limit{}, busy.cpu[0])
		row("CPU of each of the others, at most, ms", rows.Limit{}, max(busy.cpu[1], busy.cpu[2]))
		row("the same while nothing is published for as long, ms", rows.Limit{}, max(idle.cpu[1], idle.cpu[2]))
		if busy.received[0] < float64(n) {
			return fmt.Errorf("the node with the subscribers received %v publications of %d", busy.received[0], n)
		}
		return nil
	})
}

// readersOf connects some clients to a node, and subscribes them.
func readersOf(s *process.Server) ([]*client.Client, error) {
	list := make([]*client.Client, readers)
	err := client.Together(readers, readers, func(i int) (err error) {
		if list[i], err = client.Dial(s.Addr, "/ws", client.SmallBuffer); err != nil {
			return err
		}
		_, err = list[i].Ask(fmt.Sprintf(`{"op":"subscribe","id":1,"topic":%q}`, elsewhereTopic), `{"id":1,"result":`)
		return err
	})
	return list, err
}

// publishAndRead has a node publish, and every client of its read all of it.
func publishAndRead(s *process.Server, clients []*client.Client, n int) error {
	published := make(chan error, 1)
	// Owned by this call, which waits for it; ends when all is published.
	go func() {
		_, err := client.Order(s.Addr, "/publish", "topic", elsewhereTopic, "n", n)
		published <- err
	}()
	read := make(chan error, 1)
	// Owned by this call, which waits for it; ends when all is read, or a connection fails at its deadline.
	go func() {
		read <- client.Together(len(clients), len(clients), func(i int) error { return inOrder(clients[i], n) })
	}()
	if err := <-published; err != nil {
		client.CloseAll(clients)
		return errors.Join(err, <-read)
	}
	return <-read
}

// inOrder reads n publications, each of which has to be the one that is due.
func inOrder(c *client.Client, n int) error {
	var l ledger
	l.due = map[string]int{elsewhereTopic: 0}
	for range n {
		b, err := c.Next()
		if err != nil {
			return err
		}
		if err := l.take(b); err != nil {
			return err
		}
	}
	return nil
}

// spent is what each of some nodes used and received meanwhile.
type spent struct {
	wall     time.Duration
	cpu      []float64 // ms
	received []float64
}

func during(nodes []*process.Server, f func() error) (s spent, err error) {
	before, err := standing(nodes)
	if err != nil {
		return s, err
	}
	start := time.Now()
	if err := f(); err != nil {
		return s, err
	}
	s.wall = time.Since(start)
	after, err := standing(nodes)
	if err != nil {
		return s, err
	}
	for i := range nodes {
		s.cpu = append(s.cpu, after.cpu[i]-before.cpu[i])
		s.received = append(s.received, after.received[i]-before.received[i])
	}
	return s, nil
}

// standing is what each of some nodes has used and received so far.
func standing(nodes []*process.Server) (s spent, err error) {
	for _, n := range nodes {
		cpu, err := process.CPU(n.PID)
		if err != nil {
			return s, err
		}
		text, err := client.Order(n.Addr, "/counters")
		if err != nil {
			return s, err
		}
		var counted struct{ Received *float64 }
		if err := json.Unmarshal([]byte(text), &counted); err != nil || counted.Received == nil {
			return s, fmt.Errorf("%s does not tell what was received: %w", text, err)
		}
		s.cpu = append(s.cpu, cpu.Seconds()*1000)
		s.received = append(s.received, *counted.Received)
	}
	return s, nil
}

// rest waits.
func rest(d time.Duration) error {
	<-time.After(d)
	return nil
}
