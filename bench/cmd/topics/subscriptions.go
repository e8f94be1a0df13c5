package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/livetopics/live/bench/internal/process"
)

// subscriptions measures what a subscription beyond a session's first costs in resident memory, where many
// sessions share the topics; here and with centrifuge.
func subscriptions() error {
	sessions, topics := scaled(200), 500
	results := make(map[string][]float64)
	kinds := []struct{ server, prefix string }{{"topics", "plain:"}, {"topics", "chat:"}, {"topics-centrifuge", "plain:"}}
	for range *rounds {
		for _, k := range kinds {
			bytes, err := subscriptionBytes(k.server, k.prefix, sessions, topics)
			if err != nil {
				return fmt.Errorf("%s: %w", k.server, err)
			}
			name := k.server + " " + k.prefix
			results[name] = append(results[name], bytes)
		}
	}
	plain, chat, theirs := median(results["topics plain:"]), median(results["topics chat:"]), median(results["topics-centrifuge plain:"])
	fmt.Printf("subscriptions: %d sessions, %d shared topics: %.0f bytes of resident memory for each beyond the first, %.0f with history; centrifuge %.0f\n",
		sessions, topics, plain, chat, theirs)
	return nil
}

func subscriptionBytes(server, prefix string, sessions, topics int) (float64, error) {
	s, err := start(server)
	if err != nil {
		return 0, err
	}
	defer s.Stop()
	clients, err := dialAll(s.Addr, sessions)
	defer closeAll(clients)
	if err != nil {
		return 0, err
	}
	centrifuge := server == "topics-centrifuge"
	if centrifuge {
		if err := together(sessions, 64, func(i int) error { return hello(clients[i]) }); err != nil {
			return 0, err
		}
	}
	if err := subscribeAll(clients, centrifuge, prefix, 0, 1); err != nil {
		return 0, err
	}
	before, err := resident(s)
	if err != nil {
		return 0, err
	}
	if err := subscribeAll(clients, centrifuge, prefix, 1, topics); err != nil {
		return 0, err
	}
	after, err := resident(s)
	return float64(after-before) / float64(sessions*(topics-1)), err
}

// subscribeAll has every client subscribe to the topics from first on.
func subscribeAll(clients []*client, centrifuge bool, prefix string, first, end int) error {
	return together(len(clients), 8, func(i int) error {
		c := clients[i]
		if !centrifuge {
			list := make([]string, 0, end-first)
			for n := first; n < end; n++ {
				list = append(list, fmt.Sprintf(`"%s%d":null`, prefix, n))
			}
			if err := c.send(fmt.Sprintf(`{"op":"subscribe","id":1,"topics":{%s}}`, strings.Join(list, ","))); err != nil {
				return err
			}
			_, err := c.until(`"result"`)
			return err
		}
		for n := first; n < end; n++ {
			if err := c.send(fmt.Sprintf(`{"id":%d,"subscribe":{"channel":"%s%d"}}`, n+10, prefix, n)); err != nil {
				return err
			}
			if _, err := c.until(fmt.Sprintf(`"id":%d,`, n+10)); err != nil {
				return err
			}
		}
		return nil
	})
}

// resident is a server's memory after it has collected its garbage.
func resident(s *process.Server) (int64, error) {
	if err := s.Collect(); err != nil {
		return 0, err
	}
	return process.Settled(s.PID, rest)
}

// rest waits.
func rest(d time.Duration) error {
	<-time.After(d)
	return nil
}
