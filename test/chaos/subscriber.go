package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/livetopics/live/client"
)

// subscriber is one client that subscribes.
type subscriber struct {
	connections
	user, room string
	client     *client.Client
	streams    []*stream
	reading    sync.WaitGroup // its streams' goroutines
}

// subscribeWithin is how long a client may take to be subscribed, whatever breaks.
const subscribeWithin = 60 * time.Second

// clientOptions are those of every client of a run: impatient, so that a run sees much.
func clientOptions(name string, urls []string) client.Options {
	return client.Options{
		URLs: urls, ID: name,
		Backoff: client.Backoff{First: 300 * time.Millisecond, Most: 2 * time.Second},
		Timeouts: client.Timeouts{
			Dial: 4 * time.Second, Silence: 3 * time.Second, Answer: 3 * time.Second, Stable: time.Second,
		},
	}
}

// subscribe makes a subscriber, and returns when it has its subscriptions. slow ones
// have little room and stop reading now and then.
func (r *round) subscribe(ctx context.Context, s *subscriber, topics []string, slow bool) error {
	o := clientOptions(s.name, r.urls(s.user))
	o.OnState = s.seen
	s.client = client.New(o)
	within, cancel := context.WithTimeout(ctx, subscribeWithin)
	defer cancel()
	wanted := []client.Topic{{Name: s.room, SubscribeOptions: client.SubscribeOptions{Presence: true}}}
	for _, topic := range topics {
		t := client.Topic{Name: topic}
		if slow {
			t.Buffer = 8
		}
		wanted = append(wanted, t)
	}
	subs, err := s.client.SubscribeMany(within, wanted)
	if err != nil {
		s.client.Close()
		return fmt.Errorf("%s: subscribing: %w", s.name, err)
	}
	for _, sub := range subs[1:] {
		if err := sub.Err(); err != nil {
			s.client.Close()
			return fmt.Errorf("%s: subscribing to %s: %w", s.name, sub.Topic(), err)
		}
		st := r.newStream(s.name, sub, slow)
		s.streams = append(s.streams, st)
		// Owned by the subscriber, whose close waits for it; ends with the subscription.
		s.reading.Go(func() { st.read(ctx) })
	}
	room := subs[0]
	// Owned by the subscriber, whose close waits for it; ends with the subscription.
	s.reading.Go(func() {
		for range room.Messages(ctx) {
		}
		if err := room.Err(); err != nil && !errors.Is(err, client.ErrClosed) {
			r.found("subscription", "%s on %s ended: %v", s.name, s.room, err)
		}
	})
	return nil
}

// close ends the client, and waits for what it reads.
func (s *subscriber) close() {
	s.client.Close()
	s.reading.Wait()
}
