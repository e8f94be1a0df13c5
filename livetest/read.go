package livetest

import (
	"encoding/json"
	"slices"

	"github.com/livetopics/live"
	"github.com/livetopics/live/internal/ws"
)

// markTopic is that of messages by which a client finds out that it has all before them.
const markTopic = "$livetest"

// read reads until the connection ends, and answers what the protocol wants answered.
func (c *Client) read(l *link) {
	defer l.conn.Close()
	for {
		op, payload, err := readFrame(l.in)
		if err != nil {
			c.over(l, &closed{ws.CloseAbnormal, err.Error()})
			return
		}
		switch op {
		case ws.OpText:
			c.receive(l, parseFrame(payload))
		case ws.OpPing:
			_ = l.write(ws.OpPong, payload) // an error comes again when the next frame is read
		case ws.OpClose:
			code, reason, err := ws.ParseClose(payload)
			if err != nil {
				reason = err.Error()
			}
			_ = l.write(ws.OpClose, payload[:min(len(payload), 2)])
			c.over(l, &closed{code, reason})
		}
	}
}

// receive sorts what came.
func (c *Client) receive(l *link, f Frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link != l || l.closed != nil {
		return // it was cut meanwhile
	}
	defer c.notify()
	if id, ok := f.isReply(); ok {
		if a, ours := c.asked[id]; ours {
			delete(c.asked, id)
			c.replies[id] = f
			c.answered(a, &f)
			return
		}
	}
	switch {
	case f.isMessage(markTopic):
		c.marks++
		return
	case f.Topic == "" && f.Event == "welcome":
		c.welcome = f
		return
	case f.Event == "gap":
		var gap struct {
			To    uint64
			Epoch string
		}
		if json.Unmarshal(f.Data, &gap) == nil && gap.To > c.seen[f.Topic].Seq {
			c.advance(f.Topic, gap.To)
		}
		if gap.Epoch != "" {
			c.seen[f.Topic] = live.Position{Epoch: gap.Epoch}
		}
	case f.Event == "revoked":
		c.forget(f.Topic)
	case f.Seq > 0:
		c.advance(f.Topic, f.Seq)
	}
	c.inbox = append(c.inbox, f)
}

// answered notes what an operation has changed, before anything that comes after. c.mu
// is held.
func (c *Client) answered(a ask, f *Frame) {
	switch {
	case f.Error != nil:
	case a.unsubscribe != "":
		c.forget(a.unsubscribe)
	case a.subscribe != "":
		var p Subscribed
		if json.Unmarshal(f.Result, &p) == nil && p.Epoch != "" {
			c.seen[a.subscribe] = live.Position{Epoch: p.Epoch, Seq: p.Seq}
		}
		if !slices.ContainsFunc(c.topics, func(s subscribed) bool { return s.topic == a.subscribe }) {
			c.topics = append(c.topics, subscribed{a.subscribe, a.presence})
		}
	}
}

// advance notes that the client has a topic up to seq. c.mu is held.
func (c *Client) advance(topic string, seq uint64) {
	p := c.seen[topic]
	p.Seq = seq
	c.seen[topic] = p
}

// forget notes that a subscription has ended. c.mu is held.
func (c *Client) forget(topic string) {
	delete(c.seen, topic)
	c.topics = slices.DeleteFunc(c.topics, func(s subscribed) bool { return s.topic == topic })
}

// Position is how far the client has seen a topic: what it has received, whether or not
// it was taken with Expect. It is the zero Position for a topic without history, and has
// no Epoch where the client did not subscribe to the topic itself.
func (c *Client) Position(topic string) live.Position {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen[topic]
}
