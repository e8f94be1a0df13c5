package client

import "time"

// What the tests in package client_test look at besides the API.

// Bound is the longest wait before attempt n.
func (b Backoff) Bound(n int) time.Duration { return b.bound(n) }

// Wait is a wait before attempt n.
func (b Backoff) Wait(n int) time.Duration { return b.wait(n) }

// Matches is matches.
func Matches(wildcard, topic string) bool { return matches(wildcard, topic) }

// Members cuts an object into its members; later ones of a name count.
func Split(text []byte) (map[string]string, error) {
	members := make(map[string]string)
	err := eachMember(text, func(name string, value []byte) error {
		members[name] = string(value)
		return nil
	})
	return members, err
}

// Frame is what Decode found.
type Frame struct {
	ID, Seq                                uint64
	Topic, Event, Key, Data, Result, Error string
}

// DecodeFrame is decodeFrame.
func DecodeFrame(text []byte) (Frame, error) {
	f, err := decodeFrame(text)
	return Frame{
		ID: f.id, Seq: f.seq, Topic: string(f.topic), Event: f.event, Key: f.key,
		Data: string(f.data), Result: string(f.result), Error: string(f.failed),
	}, err
}

// Feed has a client without a connection take frames that come for a subscription.
func Feed(frames ...[]byte) {
	c := New(Options{URL: "ws://127.0.0.1:1/"})
	c.Close()
	n := newConnection(c, nil, nil, "")
	defer n.cancel()
	c.err = nil
	c.subs = make(map[string]*Subscription)
	c.current = n
	for _, t := range []string{"a", "b:*", "c"} {
		s := newSubscription(c, t, SubscribeOptions{Buffer: 2, Presence: t == "c"})
		c.subs[t] = s
		if isWildcard(t) {
			c.wild = append(c.wild, s)
		}
	}
	c.ask(n, []*Subscription{c.subs["a"], c.subs["b:*"], c.subs["c"]})
	for _, text := range frames {
		if f, err := decodeFrame(text); err == nil {
			c.handle(n, &f)
		}
		for _, s := range c.subs {
			s.take()
		}
	}
}
