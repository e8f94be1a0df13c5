package client

import (
	"encoding/json"
	"time"
)

// batchTopics is how many topics are in one frame at most. It also has less than half of
// Options.WriteLimit, but for one topic alone.
const batchTopics = 256

// later is a subscription that is to be asked for again.
type later struct {
	at time.Time
	s  *Subscription
}

// wanting reports whether it is to be asked for on a new connection: not while the
// program has more to take than it should.
func (s *Subscription) wanting() bool { return !s.behind || s.buffer.empty() }

// manner is what subscriptions in one frame have in common.
type manner struct {
	presence bool
	last     int
}

func (s *Subscription) manner() manner {
	m := manner{presence: s.o.Presence}
	if !s.answered && !s.received.numbered() {
		m.last = max(s.o.Last, 0)
	}
	return m
}

// ask subscribes on n, each from the position that it has. c.mu is held, and n has not
// ended.
func (c *Client) ask(n *connection, subs []*Subscription) {
	batches := make(map[manner][]*Subscription)
	bytes := make(map[manner]int)
	for _, s := range subs {
		m := s.manner()
		size := quotedSize(s.topic) + quotedSize(s.received.Epoch) + 40
		if len(batches[m]) == batchTopics || len(batches[m]) > 0 && bytes[m]+size > c.o.WriteLimit/2 {
			c.askTogether(n, m, batches[m])
			batches[m], bytes[m] = nil, 0
		}
		batches[m] = append(batches[m], s)
		bytes[m] += size
	}
	for m, batch := range batches {
		c.askTogether(n, m, batch)
	}
}

// askTogether asks in one frame.
func (c *Client) askTogether(n *connection, m manner, batch []*Subscription) {
	body := appendNumber(make([]byte, 0, 64*len(batch)+64), "last", uint64(m.last))
	if m.presence {
		body = append(body, `,"presence":true`...)
	}
	body = append(appendName(body, "topics"), '{')
	for i, s := range batch {
		s.asking = n
		if i > 0 {
			body = append(body, ',')
		}
		body = appendPosition(append(appendQuoted(body, s.topic), ':'), s.received)
	}
	n.subscribing++
	n.enqueue("subscribe", append(body, "}}"...), &pending{batch: batch})
}

// askLater asks for those on n's agenda whose time has come, and tells when the next is.
// c.mu is held.
func (c *Client) askLater(n *connection, now time.Time) (next time.Duration, some bool) {
	var due []*Subscription
	rest := n.agenda[:0]
	for _, l := range n.agenda {
		switch {
		case l.s.err != nil || l.s.asking != nil || l.s.conn == n || c.current != n || !l.s.wanting():
		case !l.at.After(now):
			due = append(due, l.s)
		default:
			rest = append(rest, l)
			if wait := l.at.Sub(now); !some || wait < next {
				next, some = wait, true
			}
		}
	}
	n.agenda = rest
	if len(due) > 0 {
		c.ask(n, due)
	}
	return next, some
}

// answered takes the answer to a subscribe. c.mu is held.
func (c *Client) answered(n *connection, batch []*Subscription, result []byte, refused *Error) {
	var r struct{ Topics map[string]*subscribed }
	if refused == nil {
		if err := json.Unmarshal(result, &r); err != nil {
			refused = &Error{CodeInternal, "the server's answer cannot be read: " + err.Error()}
		}
	}
	if refused != nil && !refused.passing() && len(batch) > 1 {
		// It is about one of them, or the frame: find out which.
		c.askAgain(n, batch[:len(batch)/2])
		c.askAgain(n, batch[len(batch)/2:])
		return
	}
	for _, s := range batch {
		if s.asking != n {
			continue // it has ended, or is asked for elsewhere
		}
		s.asking = nil
		answer := r.Topics[s.topic]
		switch {
		case s.err != nil:
		case refused != nil:
			c.refuse(n, s, refused)
		case answer == nil:
			c.refuse(n, s, &Error{CodeInternal, "the server's answer lacks the topic"})
		case answer.Error != nil:
			c.refuse(n, s, answer.Error)
		default:
			c.start(n, s, answer)
		}
	}
}

// askAgain asks at once for those that are still expected of n.
func (c *Client) askAgain(n *connection, batch []*Subscription) {
	var still []*Subscription
	for _, s := range batch {
		if s.asking == n && s.err == nil {
			still = append(still, s)
		}
	}
	if len(still) > 0 {
		c.askTogether(n, still[0].manner(), still)
	}
}

// refuse takes a refusal: it passes, is a conflict with what the server did by itself, or
// ends the subscription. c.mu is held.
func (c *Client) refuse(n *connection, s *Subscription, e *Error) {
	switch {
	case e.Code == CodeConflict && !s.cleared:
		// The server has subscribed this session already, and without a position.
		s.cleared = true
		c.leave(n, s.topic)
		c.ask(n, []*Subscription{s})
	case e.passing():
		s.refused = e
		n.agenda = append(n.agenda, later{time.Now().Add(c.o.Backoff.First + c.o.Backoff.wait(1)), s})
		n.stir()
	default:
		c.end(s, e)
	}
}

// leave unsubscribes on n. c.mu is held, and n has not ended.
func (c *Client) leave(n *connection, topic string) *pending {
	return c.leaveAll(n, []string{topic})
}

// leaveAll is leave for many. What still comes of the topics belongs to nobody.
func (c *Client) leaveAll(n *connection, topics []string) (last *pending) {
	for len(topics) > 0 {
		count, bytes := 0, 0
		for count < min(len(topics), batchTopics) && (count == 0 || bytes < c.o.WriteLimit/2) {
			bytes += quotedSize(topics[count])
			count++
		}
		some := topics[:count]
		topics = topics[count:]
		for _, topic := range some {
			n.leaving[topic]++
		}
		last = &pending{leave: some}
		n.enqueue("unsubscribe", append(appendTopics(nil, some), '}'), last)
	}
	return last
}

// left ends leave's effect: nothing of the topics comes any more.
func (n *connection) left(topics []string) {
	for _, topic := range topics {
		if n.leaving[topic]--; n.leaving[topic] <= 0 {
			delete(n.leaving, topic)
		}
	}
}
