package main

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/livetopics/live"
	"github.com/livetopics/live/bench/internal/host"
)

// atOnce is how many topics are published to at once.
const atOnce = 16

// publish publishes to topic the data from number from on, n times; or the same to many topics: topic and a
// number, every step-th, so many of them. It answers with the last position of the first topic.
func publish(server *live.Server, r *http.Request) (string, error) {
	q := r.URL.Query()
	prefix, many := q.Get("topic"), host.Number(r, "topics")
	if many == 0 {
		p, err := series(server, r, prefix)
		return fmt.Sprintf("%s %d", p.Epoch, p.Seq), err
	}
	var all sync.WaitGroup
	failed := make([]error, atOnce)
	var first live.Position
	for w := range atOnce {
		all.Go(func() { // owner: this call; ends when its part is published
			for i := w; i < many && failed[w] == nil; i += atOnce {
				p, err := series(server, r, prefix+strconv.Itoa(i*max(host.Number(r, "step"), 1)))
				if failed[w] = err; i == 0 {
					first = p
				}
			}
		})
	}
	all.Wait()
	return fmt.Sprintf("%s %d", first.Epoch, first.Seq), errors.Join(failed...)
}

// series publishes one series to one topic.
func series(server *live.Server, r *http.Request, topic string) (p live.Position, err error) {
	from := host.Number(r, "from")
	for i := range host.Number(r, "n") {
		p, err = server.PublishWith(r.Context(), topic, host.Data(from+i), live.PublishOptions{})
		if err != nil {
			return p, fmt.Errorf("publishing number %d to %s: %w", from+i, topic, err)
		}
	}
	return p, nil
}
