package client

import (
	"encoding/json"
)

// subscribed is the server's answer for one topic.
type subscribed struct {
	Epoch     string
	Seq, Head uint64
	Recovered *bool
	Lost      *span
	Snapshot  json.RawMessage
	Members   []Member
	Count     uint64
	Error     *Error
}

// span says what is missing.
type span struct {
	From, To, Count uint64
	Epoch           string
}

// start begins a subscription's stream on n, or goes on with it there: what comes of the
// topic on another connection does not count any more. c.mu is held.
func (c *Client) start(n *connection, s *Subscription, a *subscribed) {
	if s.received.numbered() && s.buffer.count >= s.buffer.most {
		s.behind = true
	}
	if !s.wanting() {
		s.conn = nil
		c.leave(n, s.topic)
		return
	}
	again := s.answered
	s.conn, s.answered, s.behind, s.cleared, s.refused = n, true, false, false, nil
	s.head = a.Head
	s.goOn(a, again)
	if s.o.Presence && a.Members != nil {
		m := Message{Kind: KindMembers, Topic: s.topic, Members: a.Members, Count: a.Count}
		s.roll.take(&m)
		if again {
			s.put(m)
		}
	}
	if s.buffer.empty() {
		s.taken = s.received
	}
	closeOnce(s.first)
}

// goOn finds where the stream is after the answer, and tells what is missing.
func (s *Subscription) goOn(a *subscribed, again bool) {
	at := Position{a.Epoch, a.Seq}
	same := at.numbered() && at.Epoch == s.received.Epoch
	switch {
	case a.Snapshot != nil:
		s.received, s.snapshot = at, a.Snapshot
		if again {
			s.put(Message{Kind: KindSnapshot, Topic: s.topic, Data: a.Snapshot})
		}
	case a.Recovered != nil && !*a.Recovered && same && a.Lost != nil && a.Lost.To > 0:
		from, to := max(a.Lost.From, s.received.Seq+1), a.Lost.To // some may have come meanwhile
		s.received.Seq = max(s.received.Seq, at.Seq, to)
		if from <= to {
			s.put(Message{Kind: KindLost, Topic: s.topic, From: from, To: to})
		}
	case a.Recovered != nil && !*a.Recovered, again && !same:
		s.received = at
		s.put(Message{Kind: KindLost, Topic: s.topic})
	case same:
		s.received.Seq = max(s.received.Seq, at.Seq)
	default:
		s.received = at
	}
}

// put adds a message that must not be left out.
func (s *Subscription) put(m Message) {
	m.after = s.received
	if s.received.numbered() {
		s.buffer.push(m)
	} else {
		s.buffer.pushOver(m)
	}
	s.signal()
}

// room makes room for a message of that size, or leaves the topic until the program has
// taken what there is. c.mu is held.
func (s *Subscription) room(n *connection, size int) bool {
	if !s.received.numbered() || s.buffer.fits(size) {
		return true // what is not numbered drops the oldest
	}
	s.behind, s.conn = true, nil
	s.client.leave(n, s.topic)
	return false
}

// publication takes a publication from n. It is not taken twice.
func (s *Subscription) publication(n *connection, m Message) {
	if s.received.numbered() && m.Seq != 0 {
		if m.Seq <= s.received.Seq {
			return
		}
		m.Epoch, m.Recovered = s.received.Epoch, m.Seq <= s.head
	}
	if !s.room(n, m.size()) {
		return
	}
	if m.Epoch != "" {
		s.received.Seq = m.Seq
	}
	s.put(m)
}

// gap takes the server's word that something is missing.
func (s *Subscription) gap(n *connection, topic string, g span) {
	m := Message{Kind: KindGap, Topic: topic, From: g.From, To: g.To, Count: g.Count, Epoch: g.Epoch}
	numbered := s.received.numbered()
	if numbered && g.To > 0 && g.Epoch == "" {
		if g.To <= s.received.Seq {
			return
		}
		m.From = max(m.From, s.received.Seq+1)
	}
	if !s.room(n, m.size()) {
		return
	}
	switch {
	case numbered && g.Epoch != "":
		s.received, s.head = Position{Epoch: g.Epoch}, 0
	case numbered && g.To > 0:
		s.received.Seq = g.To
	}
	s.put(m)
}
