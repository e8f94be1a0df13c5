package main

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/livetopics/live/client"
)

// connections is what became of a client's connections.
type connections struct {
	round *round
	name  string

	mu    sync.Mutex         // guards what follows
	lost  []ending           // that were not drained, and attempts that failed
	moves [][2]time.Duration // from which moment to which it may have had two
}

// moveWithin is how long after the window of its node a client may still have two
// connections.
const moveWithin = 10 * time.Second

// moved is when it went from one node to another.
func (c *connections) moved() [][2]time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([][2]time.Duration(nil), c.moves...)
}

// ending is how a connection ended, or an attempt to make one.
type ending struct {
	when time.Duration
	url  string
	err  error
}

// String is all of it.
func (e ending) String() string {
	return fmt.Sprintf("at %s: %.120v", e.when.Round(time.Millisecond), e.err)
}

// clean reports whether a server that ends may end it so.
func (e *ending) clean() bool {
	var closed *client.CloseError
	return errors.As(e.err, &closed) && (closed.Code == 1000 || closed.Code == 1001)
}

// seen is told of every change of the client's connection.
func (c *connections) seen(state client.State) {
	r := c.round
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case state.Phase == client.Draining:
		r.counts.drained.Add(1)
		c.moves = append(c.moves, [2]time.Duration{r.now(), r.now() + window + moveWithin})
	case state.Phase == client.Closed && !errors.Is(state.Err, client.ErrClosed):
		r.found("closed", "%s was closed for good: %v", c.name, state.Err)
	case state.Phase == client.Waiting && state.Err != nil:
		r.counts.reconnects.Add(1)
		var closed *client.CloseError
		if errors.As(state.Err, &closed) && closed.Code == 4008 {
			r.counts.closedSlow.Add(1)
		}
		c.lost = append(c.lost, ending{r.now(), state.URL, state.Err})
	}
}

// endings are how its connections ended so far.
func (c *connections) endings() []ending {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]ending(nil), c.lost...)
}

// lastEndings are the last two of them.
func (c *connections) lastEndings() []ending {
	all := c.endings()
	return all[max(0, len(all)-2):]
}

// since are those of them after a moment.
func (c *connections) since(when time.Duration) []ending {
	all := c.endings()
	for len(all) > 0 && all[0].when < when {
		all = all[1:]
	}
	return all
}
