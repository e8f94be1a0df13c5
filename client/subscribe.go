package client

import (
	"context"
	"errors"
	"fmt"
)

// SubscribeOptions say how a subscription begins, and how much of it may wait.
type SubscribeOptions struct {
	// Last begins with the newest so many publications, 1,000 at most.
	Last int

	// Since goes on after a position, such as Subscription.Position was in an earlier run
	// of the program: what was missed comes first. Last does not count then.
	Since *Position

	// Presence asks for who is there, and who comes and goes.
	Presence bool

	// Buffer is how many messages may wait for the program to take them; 1024 by default.
	Buffer int

	// BufferBytes is how much they may take, about; 4 MiB by default. One message may
	// always wait.
	BufferBytes int
}

// Topic is a topic, or a wildcard such as "orders:*", and how to subscribe to it.
type Topic struct {
	Name string // of the topic, or a wildcard
	SubscribeOptions
}

// Subscribe subscribes to a topic or a wildcard, now and after each reconnect, until the
// subscription ends. It waits for a connection and for the server's answer. A refusal is
// an *Error. One that may pass (CodeUnavailable, CodeRateLimited, CodeInternal) is none
// until ctx ends: the server is asked again. A client has one subscription to a topic:
// the error is ErrSubscribed for another.
func (c *Client) Subscribe(ctx context.Context, topic string, o SubscribeOptions) (*Subscription, error) {
	subs, err := c.SubscribeMany(ctx, []Topic{{topic, o}})
	if err != nil {
		return nil, err
	}
	if err := subs[0].Err(); err != nil {
		return nil, fmt.Errorf("client: subscribing to %s: %w", topic, err)
	}
	return subs[0], nil
}

// SubscribeMany subscribes to any number of topics, hundreds in a frame, and waits until
// all are answered. The subscriptions are in the order of the topics; the Err of one says
// if the server refused it, which does not harm the others. The error says that ctx ended
// first, and then those without an answer have ended too; that a name or its repetition
// is wrong, and then there are none; or how the client ended.
func (c *Client) SubscribeMany(ctx context.Context, topics []Topic) ([]*Subscription, error) {
	subs, err := c.register(topics)
	if err != nil {
		return nil, err
	}
	for _, s := range subs {
		select {
		case <-s.first:
		case <-ctx.Done():
			return subs, c.withdraw(subs, ctx.Err())
		}
	}
	return subs, c.Err()
}

// register makes subscriptions, and asks for them if there is a connection.
func (c *Client) register(topics []Topic) ([]*Subscription, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return nil, c.err
	}
	names := make(map[string]bool, len(topics))
	for _, t := range topics {
		if err := checkTopic(t.Name); err != nil {
			return nil, err
		}
		if c.subs[t.Name] != nil || names[t.Name] {
			return nil, fmt.Errorf("%w: to %s", ErrSubscribed, t.Name)
		}
		names[t.Name] = true
	}
	subs := make([]*Subscription, len(topics))
	for i, t := range topics {
		s := newSubscription(c, t.Name, t.SubscribeOptions)
		subs[i], c.subs[t.Name] = s, s
		if isWildcard(t.Name) {
			c.wild = append(c.wild, s)
		}
	}
	if c.current != nil {
		c.ask(c.current, subs)
	}
	return subs, nil
}

// withdraw ends those that were not answered.
func (c *Client) withdraw(subs []*Subscription, why error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := fmt.Errorf("client: waiting for the answer to subscribe: %w", why)
	var refused error
	var topics []string
	for _, s := range subs {
		if s.answered || s.err != nil {
			continue
		}
		if s.refused != nil {
			refused = s.refused
		}
		c.end(s, err)
		topics = append(topics, s.topic)
	}
	for n := range c.open {
		c.leaveAll(n, topics)
	}
	return errors.Join(err, refused)
}
