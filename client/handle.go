package client

import (
	"bytes"
	"encoding/json"
	"time"
)

// handle does what a frame from the server asks for. It is called by n's reader.
func (c *Client) handle(n *connection, f *frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case n.ended || c.err != nil:
	case f.id != 0:
		c.reply(n, f)
	case f.event != "" && f.topic == nil:
		n.control(f)
	case f.event != "":
		c.event(n, f)
	case f.topic != nil:
		c.publication(n, f)
	case f.failed != nil:
		c.o.Logger.Warn("client: the server refused something", "error", string(f.failed))
	}
}

// control takes an event that is about the connection. client.mu is held.
func (n *connection) control(f *frame) {
	switch f.event {
	case "welcome":
		closeOnce(n.welcomed)
	case "drain":
		var d struct {
			In float64 `json:"reconnect_ms"`
		}
		if f.data != nil {
			json.Unmarshal(f.data, &d) // without a time, at once
		}
		in := time.Duration(min(max(d.In, 0), 1e9)) * time.Millisecond
		select {
		case n.drain <- in:
		default: // told already
		}
	}
}

// publication gives a publication to those who want it. c.mu is held.
func (c *Client) publication(n *connection, f *frame) {
	s := c.subs[string(f.topic)]
	claimed := s != nil || n.isLeaving(f.topic)
	m := Message{Key: f.key, Seq: f.seq, Data: bytes.Clone(f.data)}
	if s != nil {
		m.Topic = s.topic
	} else {
		m.Topic = string(f.topic)
	}
	// What one topic recovers a wildcard may have had before.
	recovers := s != nil && s.conn == n && f.seq != 0 && f.seq <= s.head
	if s != nil && s.conn == n {
		s.publication(n, m)
	}
	for _, w := range c.wild {
		if matches(w.topic, m.Topic) {
			claimed = true
			if w.conn == n && !recovers {
				w.publication(n, m)
			}
		}
	}
	if !claimed {
		c.messages.publication(n, m)
	}
}

// isLeaving reports whether what comes of the topic is a rest of what was left.
func (n *connection) isLeaving(topic []byte) bool {
	if len(n.leaving) == 0 {
		return false
	}
	if n.leaving[string(topic)] > 0 {
		return true
	}
	for name := range n.leaving {
		if isWildcard(name) && matches(name, string(topic)) {
			return true
		}
	}
	return false
}

// comings are the events of presence.
var comings = map[string]Kind{"join": KindJoin, "leave": KindLeave, "update": KindUpdate, "count": KindCount}

// event takes what happened on a topic. c.mu is held.
func (c *Client) event(n *connection, f *frame) {
	topic := string(f.topic)
	s := c.subs[topic]
	if f.event == "gap" {
		c.gap(n, s, topic, f.data)
		return
	}
	if s == nil || s.conn != n {
		return
	}
	if f.event == "revoked" {
		e := &Error{Code: CodeForbidden}
		json.Unmarshal(f.data, e) // whatever it says, it is revoked
		s.conn = nil
		c.refuse(n, s, e)
		return
	}
	if kind, known := comings[f.event]; known { // there will be more
		s.came(n, kind, f.data)
	}
}

// came takes who has come or gone.
func (s *Subscription) came(n *connection, kind Kind, data []byte) {
	var d struct {
		Member
		Count uint64
	}
	if err := json.Unmarshal(data, &d); err != nil {
		s.client.o.Logger.Warn("client: an event is dropped", "topic", s.topic, "event", kind, "error", err)
		return
	}
	m := Message{Kind: kind, Topic: s.topic, Count: d.Count}
	if kind != KindCount {
		m.Member = &d.Member
	}
	if s.room(n, m.size()) {
		s.roll.take(&m)
		s.put(m)
	}
}

// gap tells of a gap those whose stream has it.
func (c *Client) gap(n *connection, s *Subscription, topic string, data []byte) {
	var g span
	if data != nil {
		json.Unmarshal(data, &g) // what it does not say is not known
	}
	if s != nil && s.conn == n {
		s.gap(n, topic, g)
	}
	for _, w := range c.wild {
		if w != s && w.conn == n && matches(w.topic, topic) {
			w.gap(n, topic, g)
		}
	}
}
