package client

import (
	"fmt"
	"sync"
)

// FewAtOnce is how many clients do something at once that is not measured.
const FewAtOnce = 64

// Together calls f for 0 to n-1, at most limit of them at once, waits for all, and returns the first error.
func Together(n, limit int, f func(i int) error) error {
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

// CloseAll closes those of list that are there.
func CloseAll(list []*Client) {
	for _, c := range list {
		if c != nil {
			c.Close()
		}
	}
}
