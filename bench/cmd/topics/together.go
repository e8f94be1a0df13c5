package main

import (
	"fmt"
	"sync"
)

// fewAtOnce is how many clients do something at once that is not measured.
const fewAtOnce = 64

// together calls f for 0 to n-1, at most limit of them at once, waits for all, and returns the first error.
func together(n, limit int, f func(i int) error) error {
	var all sync.WaitGroup
	var once sync.Once
	var first error
	gate := make(chan struct{}, limit)
	for i := range n {
		gate <- struct{}{}
		all.Go(func() { // owner: this call; ends with f
			defer func() { <-gate }()
			if err := f(i); err != nil {
				once.Do(func() { first = fmt.Errorf("client %d: %w", i, err) })
			}
		})
	}
	all.Wait()
	return first
}

// dialAll connects n clients to a server, and has them greet it where it is centrifuge.
func dialAll(server, addr string, n int) ([]*client, error) {
	list := make([]*client, n)
	err := together(n, fewAtOnce, func(i int) (err error) {
		list[i], err = dialOne(server, addr, smallBuffer)
		return err
	})
	return list, err
}

func dialOne(server, addr string, buffer int) (*client, error) {
	c, err := dial(addr, "/ws", buffer)
	if err == nil && server == theirs {
		err = c.hello()
	}
	return c, err
}

func closeAll(list []*client) {
	for _, c := range list {
		if c != nil {
			c.close()
		}
	}
}
