package livetest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/internal/ws"
)

// SubscribeOption is a member of a subscribe operation.
type SubscribeOption func(members)

// PublishOption is a member of a publish operation.
type PublishOption func(members)

// members are those of an operation.
type members map[string]any

// Since asks for what the client has missed since a position.
func Since(p live.Position) SubscribeOption {
	return func(m members) { m["since"] = position{p.Epoch, p.Seq} }
}

// Last asks for the newest n publications.
func Last(n int) SubscribeOption { return func(m members) { m["last"] = n } }

// WithPresence asks who is there, comes and goes.
func WithPresence() SubscribeOption { return func(m members) { m["presence"] = true } }

// Key names what a publication is about.
func Key(key string) PublishOption { return func(m members) { m["key"] = key } }

// Dedup marks a publication whose repeats are to be harmless.
func Dedup(dedup string) PublishOption { return func(m members) { m["dedup"] = dedup } }

// NoEcho keeps a publication from this client itself.
func NoEcho() PublishOption { return func(m members) { m["echo"] = false } }

// position is a live.Position on the wire.
type position struct {
	Epoch string `json:"epoch"`
	Seq   uint64 `json:"seq"`
}

// request sends an operation and waits for its answer. A connection that ends before
// fails the test.
func (c *Client) request(op string, m members, a ask) (json.RawMessage, *live.Error) {
	c.t.Helper()
	c.mu.Lock()
	c.requests++
	id := fmt.Sprintf("livetest-%d", c.requests)
	c.asked[id] = a
	c.mu.Unlock()
	m["op"], m["id"] = op, id
	payload, err := encode(m)
	if err != nil {
		c.t.Fatalf("livetest: %s: its data is no JSON: %v", op, err)
	}
	c.write(ws.OpText, payload)
	var reply Frame
	if err := c.await(func() (ok bool) { reply, ok = c.replies[id]; return ok }); err != nil {
		c.fail("no answer to %s: %v", shorten(string(payload)), err)
	}
	c.mu.Lock()
	delete(c.replies, id)
	c.mu.Unlock()
	return reply.Result, reply.Error
}

// answer is request for an operation whose result is a T.
func answer[T any](c *Client, op string, m members, a ask) (v T, refusal *live.Error) {
	c.t.Helper()
	result, refusal := c.request(op, m, a)
	if refusal != nil {
		return v, refusal
	}
	if err := json.Unmarshal(result, &v); err != nil {
		c.fail("the result of %s: %v: %s", op, err, shorten(string(result)))
	}
	return v, nil
}

// must fails the test if an operation was refused.
func (c *Client) must(refusal *live.Error, format string, args ...any) {
	c.t.Helper()
	if refusal != nil {
		c.fail("%s was refused: %v", fmt.Sprintf(format, args...), refusal)
	}
}

// Subscribe subscribes to a topic or wildcard. What the topic publishes from here on, and
// what of the past was asked for, is for Expect.
func (c *Client) Subscribe(topic string, opts ...SubscribeOption) Subscribed {
	c.t.Helper()
	s, refusal := c.TrySubscribe(topic, opts...)
	c.must(refusal, "subscribe to %s", topic)
	return s
}

// TrySubscribe is Subscribe, and returns the refusal, nil if there is none.
func (c *Client) TrySubscribe(topic string, opts ...SubscribeOption) (Subscribed, *live.Error) {
	c.t.Helper()
	m := members{"topic": topic}
	for _, opt := range opts {
		opt(m)
	}
	return answer[Subscribed](c, "subscribe", m, ask{subscribe: topic, presence: m["presence"] == true})
}

// Unsubscribe ends a subscription; one that there is not is no mistake.
func (c *Client) Unsubscribe(topic string) {
	c.t.Helper()
	_, refusal := c.request("unsubscribe", members{"topic": topic}, ask{unsubscribe: topic})
	c.must(refusal, "unsubscribe from %s", topic)
}

// Publish publishes data, encoded by encoding/json: a string is a JSON string, a
// json.RawMessage is JSON already. It returns where in the topic's history it is, the
// zero Position on a topic without.
func (c *Client) Publish(topic string, data any, opts ...PublishOption) live.Position {
	c.t.Helper()
	p, refusal := c.TryPublish(topic, data, opts...)
	c.must(refusal, "publish to %s", topic)
	return p
}

// TryPublish is Publish, and returns the refusal, nil if there is none.
func (c *Client) TryPublish(topic string, data any, opts ...PublishOption) (live.Position, *live.Error) {
	c.t.Helper()
	m := members{"topic": topic, "data": data}
	for _, opt := range opts {
		opt(m)
	}
	p, refusal := answer[position](c, "publish", m, ask{})
	return live.Position(p), refusal
}

// Call calls what Options.OnCall answers, and returns the result.
func (c *Client) Call(name string, data any) json.RawMessage {
	c.t.Helper()
	result, refusal := c.TryCall(name, data)
	c.must(refusal, "call %s", name)
	return result
}

// TryCall is Call, and returns the refusal, nil if there is none.
func (c *Client) TryCall(name string, data any) (json.RawMessage, *live.Error) {
	c.t.Helper()
	return c.request("call", members{"topic": name, "data": data}, ask{})
}

// Auth hands the server a new token, and returns when the session expires now: the zero
// time for never.
func (c *Client) Auth(token string) time.Time {
	c.t.Helper()
	expires, refusal := c.TryAuth(token)
	c.must(refusal, "auth")
	return expires
}

// TryAuth is Auth, and returns the refusal, nil if there is none.
func (c *Client) TryAuth(token string) (time.Time, *live.Error) {
	c.t.Helper()
	r, refusal := answer[struct{ Expires int64 }](c, "auth", members{"data": map[string]string{"token": token}}, ask{})
	if r.Expires == 0 {
		return time.Time{}, refusal
	}
	return time.UnixMilli(r.Expires), refusal
}

// Ping asks for a sign of life. When it returns, the server has dealt with all that the
// client sent before.
func (c *Client) Ping() {
	c.t.Helper()
	_, refusal := c.request("ping", members{}, ask{})
	c.must(refusal, "ping")
}

// Send sends a message in the founding envelope, which is for OnMessage. It does not wait
// for the hook.
func (c *Client) Send(topic string, data any) {
	c.t.Helper()
	payload, err := encode(struct {
		Topic string `json:"topic"`
		Data  any    `json:"data"`
	}{topic, data})
	if err != nil {
		c.t.Fatalf("livetest: send to %s: the data is no JSON: %v", topic, err)
	}
	c.write(ws.OpText, payload)
}

// SendRaw sends a text frame as it is, right or wrong. The reply to an operation in it is
// for Next.
func (c *Client) SendRaw(frame string) {
	c.t.Helper()
	c.write(ws.OpText, []byte(frame))
}
