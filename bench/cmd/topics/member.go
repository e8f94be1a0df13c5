package main

import (
	"bytes"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/livetopics/live/bench/internal/client"
)

// member is one of a crowd, who counts what it is told unasked.
type member struct {
	path    string
	client  *client.Client // nil while it is away
	replies chan int       // the lengths of answers
	answers []int          // of those to a subscription since the last reset

	events, bytes atomic.Int64 // since the last reset
}

// reset forgets what was counted.
func (m *member) reset() {
	m.events.Store(0)
	m.bytes.Store(0)
	m.answers = nil
}

// ask sends an operation, and waits for its answer, of which it returns the length.
func (m *member) ask(text string) (int, error) {
	if err := m.client.Send(text); err != nil {
		return 0, err
	}
	select {
	case n := <-m.replies:
		if n == 0 {
			return 0, fmt.Errorf("no answer to %s: refused, or the connection ended", text)
		}
		return n, nil
	case <-time.After(client.Patience):
		return 0, fmt.Errorf("no answer to %s", text)
	}
}

// read counts what comes until the connection ends.
func (m *member) read(c *client.Client) {
	for {
		b, err := c.Next()
		switch {
		case err != nil:
			return
		case bytes.HasPrefix(b, []byte(`{"topic":"crowd:a","event":`)):
			m.events.Add(1)
			m.bytes.Add(int64(len(b)))
		case bytes.HasPrefix(b, []byte(`{"id":`)) && bytes.Contains(b, []byte(`"result":`)):
			m.replies <- len(b)
		default:
			m.replies <- 0
		}
	}
}
