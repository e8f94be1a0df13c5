package client

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
)

// Subscription is what comes of one topic, or of a wildcard, over all reconnects. It is
// made by Client.Subscribe. What it yields goes to whoever asks first, if several do.
type Subscription struct {
	// Set once.
	client *Client
	topic  string
	o      SubscribeOptions
	ready  chan struct{} // takes one: there may be something to take
	first  chan struct{} // closed: it was answered, or has ended
	done   chan struct{} // closed: it has ended

	// Guarded by client.mu.
	buffer   buffer
	received Position    // where the stream is after what is in the buffer
	taken    Position    // where it is after what the program took
	head     uint64      // the newest when it was answered
	conn     *connection // what it takes publications from; nil if nothing
	asking   *connection // where an answer is expected; nil if none is
	answered bool        // once
	behind   bool        // left, until the program has taken what is in the buffer
	cleared  bool        // unsubscribed before it was asked again, since it was a conflict
	refused  *Error      // the last refusal that may pass
	err      error       // how it ended
	snapshot json.RawMessage
	roll     roll
}

func newSubscription(c *Client, topic string, o SubscribeOptions) *Subscription {
	orDefault(&o.Buffer, defaultBuffer)
	orDefault(&o.BufferBytes, defaultBufferBytes)
	s := &Subscription{
		client: c, topic: topic, o: o,
		ready: make(chan struct{}, 1), first: make(chan struct{}), done: make(chan struct{}),
		buffer: buffer{most: o.Buffer, mostBytes: o.BufferBytes},
	}
	if o.Since != nil {
		s.received, s.taken = *o.Since, *o.Since
	}
	return s
}

// Topic is what was subscribed to.
func (s *Subscription) Topic() string { return s.topic }

// Messages yields what comes, and waits for it, until ctx ends or the subscription does:
// by Unsubscribe or Close at once, by the server after what has come before. Err says
// which. It may be called again, and goes on where the last one stopped.
func (s *Subscription) Messages(ctx context.Context) iter.Seq[Message] {
	return func(yield func(Message) bool) {
		for {
			m, err := s.Next(ctx)
			if err != nil || !yield(m) {
				return
			}
		}
	}
}

// Next waits for the next message. The error is that of ctx, or how the subscription
// ended.
func (s *Subscription) Next(ctx context.Context) (Message, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Message{}, err
		}
		if m, ok, err := s.take(); ok || err != nil {
			return m, err
		}
		select {
		case <-s.ready:
		case <-s.done:
		case <-ctx.Done():
		}
	}
}

// take takes what is in the buffer, without waiting.
func (s *Subscription) take() (m Message, ok bool, err error) {
	c := s.client
	c.mu.Lock()
	defer c.mu.Unlock()
	if m, ok = s.buffer.pop(s.topic); !ok {
		return m, false, s.err
	}
	s.taken = m.after
	if !s.buffer.empty() {
		s.signal()
	} else if s.behind && s.asking == nil && c.current != nil && s.err == nil {
		c.ask(c.current, []*Subscription{s})
	}
	return m, true, nil
}

// signal wakes one who waits for a message.
func (s *Subscription) signal() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// Err says how the subscription ended: an *Error with which the server refused or
// revoked it, ErrUnsubscribed, or how the client ended. It is nil while it lasts.
func (s *Subscription) Err() error {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	return s.err
}

// Done is closed when the subscription has ended.
func (s *Subscription) Done() <-chan struct{} { return s.done }

// Position is where the program is: after the last message that it took, or where the
// stream began. SubscribeOptions.Since goes on from there. It is zero on a topic without
// history.
func (s *Subscription) Position() Position {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	return s.taken
}

// Snapshot is the topic's state as the server told it last, and nil without one. What
// follows the first one is in the stream; later ones are there too, as KindSnapshot.
func (s *Subscription) Snapshot() json.RawMessage {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	return s.snapshot
}

// Members are who is on the topic, as far as was told, if SubscribeOptions.Presence asked
// for it. They are newer than the messages that were not taken yet.
func (s *Subscription) Members() Members {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	return Members{List: slices.Clone(s.roll.list), Count: s.roll.count}
}

// Unsubscribe ends the subscription at once: nothing more is yielded. It then waits until
// the server has done it too; the error says why it did not wait any longer. Without a
// connection there is nothing to wait for.
func (s *Subscription) Unsubscribe(ctx context.Context) error {
	c := s.client
	left := c.unsubscribe(s)
	if left == nil {
		return nil
	}
	select {
	case <-left:
		return nil // a lost connection ends it as well
	case <-c.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// unsubscribe ends s, and returns what tells when the server has ended it too; nil if
// there is nothing to end there.
func (c *Client) unsubscribe(s *Subscription) (left chan answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.err != nil {
		return nil
	}
	c.end(s, ErrUnsubscribed)
	for n := range c.open {
		p := c.leave(n, s.topic)
		if n == c.current {
			left = make(chan answer, 1)
			p.ch = left
		}
	}
	return left
}

// end ends a subscription. c.mu is held.
func (c *Client) end(s *Subscription, err error) {
	if s.err != nil {
		return
	}
	s.err = err
	if c.subs[s.topic] == s {
		delete(c.subs, s.topic)
		c.wild = slices.DeleteFunc(c.wild, func(w *Subscription) bool { return w == s })
	}
	if err == ErrUnsubscribed || err == ErrClosed {
		s.buffer.clear()
	}
	closeOnce(s.first)
	close(s.done)
}
