package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
)

// crowd is all subscribers of a round, those who left among them.
type crowd struct {
	round *round

	mu     sync.Mutex // guards what follows
	random *rand.Rand
	count  int
	there  []*subscriber
	gone   []*subscriber
}

// slowOne is one in how many subscribers that reads slowly.
const slowOne = 12

// next makes the next subscriber, without its client. Every user has two of them, or one.
func (c *crowd) next() (s *subscriber, topics []string, slow bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
	s = &subscriber{user: fmt.Sprintf("u%d", c.count*2/3)}
	s.round, s.name = c.round, fmt.Sprintf("c%d", c.count)
	topics, s.room = chosen(c.random)
	return s, topics, c.random.IntN(slowOne) == 0
}

// atOnce is how many clients of a crowd begin at the same time.
const atOnce = 20

// join adds n subscribers, and returns when all are subscribed. Who cannot is a fault.
func (c *crowd) join(ctx context.Context, n int) {
	slots := make(chan struct{}, atOnce)
	var joining sync.WaitGroup
	for range n {
		slots <- struct{}{}
		joining.Go(func() {
			defer func() { <-slots }()
			s, topics, slow := c.next()
			if err := c.round.subscribe(ctx, s, topics, slow); err != nil {
				c.round.found("refused", "%v (%v)", err, s.lastEndings())
				return
			}
			c.round.counts.clients.Add(1)
			c.mu.Lock()
			defer c.mu.Unlock()
			c.there = append(c.there, s)
		})
	}
	joining.Wait()
}

// leave has n subscribers go for good.
func (c *crowd) leave(n int) {
	c.mu.Lock()
	var leaving []*subscriber
	for range min(n, len(c.there)-1) {
		i := c.random.IntN(len(c.there))
		leaving = append(leaving, c.there[i])
		c.there[i] = c.there[len(c.there)-1]
		c.there = c.there[:len(c.there)-1]
	}
	c.gone = append(c.gone, leaving...)
	c.mu.Unlock()
	for _, s := range leaving {
		for _, st := range s.streams {
			st.mu.Lock()
			st.record.Live = false
			st.mu.Unlock()
		}
		s.close()
	}
}

// present are those who are there, and members those of them who are in each room, by
// user: how many sessions each has.
func (c *crowd) present() []*subscriber {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*subscriber(nil), c.there...)
}

func (c *crowd) members(room string) map[string]int {
	members := map[string]int{}
	for _, s := range c.present() {
		if s.room == room {
			members[s.user]++
		}
	}
	return members
}

// all are also those who left.
func (c *crowd) all() []*subscriber {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append(append([]*subscriber(nil), c.there...), c.gone...)
}

// close ends all that are there.
func (c *crowd) close() {
	var closing sync.WaitGroup
	for _, s := range c.present() {
		closing.Go(s.close)
	}
	closing.Wait()
}
