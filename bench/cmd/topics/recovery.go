package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/livetopics/live/bench/internal/process"
)

// recovery has many clients at once recover what they missed, and reads what that costs the server, here
// and with centrifuge. Every client checks that it got all of it, in order.
func recovery() error {
	clients, missed := scaled(1000), scaled(1000)
	costs := make(map[string][]time.Duration)
	takes := make(map[string][]time.Duration)
	kinds := []struct {
		server string
		run    func(c *client, epoch string, first, last uint64) error
	}{{"topics", recoverLive}, {"topics-centrifuge", recoverCentrifuge}}
	for range *rounds {
		for _, k := range kinds {
			cost, took, err := recoverOnce(k.server, clients, missed, k.run)
			if err != nil {
				return fmt.Errorf("%s: %w", k.server, err)
			}
			costs[k.server] = append(costs[k.server], cost)
			takes[k.server] = append(takes[k.server], took)
		}
	}
	ours, theirs := median(costs["topics"]), median(costs["topics-centrifuge"])
	fmt.Printf("recovery: %d clients recover %d publications each: %v of server CPU in %v, centrifuge %v in %v: %.3f times\n",
		clients, missed, ours, median(takes["topics"]), theirs, median(takes["topics-centrifuge"]), float64(ours)/float64(theirs))
	return nil
}

func recoverOnce(server string, n, missed int, run func(*client, string, uint64, uint64) error) (cost, took time.Duration, err error) {
	s, err := start(server)
	if err != nil {
		return 0, 0, err
	}
	defer s.Stop()
	epoch, first, err := publish(s, query("topic", "chat:a", "n", 1, "size", 100))
	if err != nil {
		return 0, 0, err
	}
	_, last, err := publish(s, query("topic", "chat:a", "n", missed, "size", 100))
	if err != nil {
		return 0, 0, err
	}
	clients, err := dialAll(s.Addr, n)
	defer closeAll(clients)
	if err != nil {
		return 0, 0, err
	}
	if server == "topics-centrifuge" {
		if err := together(n, n, func(i int) error { return hello(clients[i]) }); err != nil {
			return 0, 0, err
		}
	}
	if err := s.Collect(); err != nil {
		return 0, 0, err
	}
	before, err := process.CPU(s.PID)
	if err != nil {
		return 0, 0, err
	}
	began := time.Now()
	if err := together(n, n, func(i int) error { return run(clients[i], epoch, first, last) }); err != nil {
		return 0, 0, err
	}
	took = time.Since(began)
	after, err := process.CPU(s.PID)
	return after - before, took, err
}

// recoverLive asks for what came after first, and reads up to last.
func recoverLive(c *client, epoch string, first, last uint64) error {
	if err := c.send(fmt.Sprintf(`{"op":"subscribe","id":1,"topic":"chat:a","since":{"epoch":%q,"seq":%d}}`, epoch, first)); err != nil {
		return err
	}
	if _, err := c.until(`"recovered":true`); err != nil {
		return err
	}
	for want := first + 1; want <= last; want++ {
		b, err := c.next()
		if err != nil {
			return err
		}
		_, number, _ := bytes.Cut(b, []byte(`,"seq":`))
		if got, err := strconv.ParseUint(string(bytes.TrimRight(number, "}")), 10, 64); err != nil || got != want {
			return fmt.Errorf("%s came in place of number %d", b, want)
		}
	}
	return nil
}

// hello connects as centrifuge's protocol has it.
func hello(c *client) error {
	if err := c.send(`{"id":1,"connect":{}}`); err != nil {
		return err
	}
	_, err := c.until(`"connect"`)
	return err
}

func recoverCentrifuge(c *client, epoch string, first, last uint64) error {
	if err := c.send(fmt.Sprintf(`{"id":2,"subscribe":{"channel":"chat:a","recover":true,"epoch":%q,"offset":%d}}`, epoch, first)); err != nil {
		return err
	}
	text, err := c.until(`"subscribe"`)
	if err != nil {
		return err
	}
	var answer struct {
		Subscribe struct {
			Recovered    bool `json:"recovered"`
			Publications []struct {
				Offset uint64 `json:"offset"`
			} `json:"publications"`
		} `json:"subscribe"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return err
	}
	got := answer.Subscribe.Publications
	if !answer.Subscribe.Recovered || uint64(len(got)) != last-first {
		return fmt.Errorf("recovered: %v, %d publications, want %d", answer.Subscribe.Recovered, len(got), last-first)
	}
	for i, p := range got {
		if p.Offset != first+1+uint64(i) {
			return fmt.Errorf("publication %d has offset %d", i, p.Offset)
		}
	}
	return nil
}
