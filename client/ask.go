package client

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// HistoryOptions say which part of a history is wanted: without Since and Before the
// newest.
type HistoryOptions struct {
	Since  *Position // those after it; of another epoch, all from the beginning
	Before uint64    // the newest before this number; not with Since
	Limit  int       // at most so many; 100 by default, and 1,000 at most
}

// History is a part of what a topic remembers.
type History struct {
	Position                   // the newest there is
	Publications []Publication // oldest first
}

// Publication is one of a History.
type Publication struct {
	Seq  uint64          // its number
	Data json.RawMessage // as it was accepted
	Key  string          // "" for none
	At   time.Time       // when it was accepted
}

// History reads what a topic remembers, without subscribing.
func (c *Client) History(ctx context.Context, topic string, o HistoryOptions) (History, error) {
	body := appendText(nil, "topic", topic)
	if o.Since != nil {
		body = appendPosition(appendName(body, "since"), *o.Since)
	}
	body = appendNumber(body, "before", o.Before)
	body = appendNumber(body, "limit", uint64(max(o.Limit, 0)))
	var page struct {
		Position
		Publications []struct {
			Seq  uint64
			Data json.RawMessage
			Key  string
			At   int64
		}
	}
	if err := c.askAbout(ctx, "history", topic, body, &page); err != nil {
		return History{}, err
	}
	h := History{Position: page.Position, Publications: make([]Publication, len(page.Publications))}
	for i, p := range page.Publications {
		h.Publications[i] = Publication{Seq: p.Seq, Data: p.Data, Key: p.Key, At: time.UnixMilli(p.At)}
	}
	return h, nil
}

// Members are who is on a topic.
type Members struct {
	List  []Member `json:"members"` // in the order they came; of a crowd, some
	Count int      `json:"count"`   // of all
}

// Presence asks who is on a topic, without subscribing. limit is how many to list at
// most; 0 is as many as the server lists.
func (c *Client) Presence(ctx context.Context, topic string, limit int) (Members, error) {
	body := appendNumber(appendText(nil, "topic", topic), "limit", uint64(max(limit, 0)))
	var m Members
	err := c.askAbout(ctx, "presence", topic, body, &m)
	return m, err
}

// Call asks the program behind the server something, and returns what it answers. data is
// as for Publish. It is sent once: ErrDisconnected says that the program may have done it
// or not.
func (c *Client) Call(ctx context.Context, name string, data any) (json.RawMessage, error) {
	if err := checkTopic(name); err != nil {
		return nil, err
	}
	text, err := encodeData(data)
	if err != nil {
		return nil, err
	}
	body := append(appendName(appendText(nil, "topic", name), "data"), text...)
	return c.do(ctx, request{op: "call", body: append(body, '}'), about: name})
}

// Auth hands in a new token for this connection before the old one runs out, and returns
// when it does; the zero Time is never. Later connections use Options.Token.
func (c *Client) Auth(ctx context.Context, token string) (expires time.Time, err error) {
	body := append(appendQuoted([]byte(`,"data":{"token":`), token), "}}"...)
	result, err := c.do(ctx, request{op: "auth", body: body, about: "with a token", again: true})
	if err != nil {
		return time.Time{}, err
	}
	var r struct{ Expires *int64 }
	if err := json.Unmarshal(result, &r); err != nil {
		return time.Time{}, fmt.Errorf("client: reading the answer to auth: %w", err)
	}
	if r.Expires == nil {
		return time.Time{}, nil
	}
	return time.UnixMilli(*r.Expires), nil
}

// Send sends a message to the program, which is no publication and is not acknowledged.
// It returns when the message is written to the connection. data is as for Publish.
func (c *Client) Send(ctx context.Context, topic string, data any) error {
	if err := checkTopic(topic); err != nil {
		return err
	}
	text, err := encodeData(data)
	if err != nil {
		return err
	}
	frame := append(appendQuoted([]byte(`{"topic":`), topic), `,"data":`...)
	if err := c.send(ctx, append(append(frame, text...), '}')); err != nil {
		return fmt.Errorf("client: sending to %s: %w", topic, err)
	}
	return nil
}

// Ping returns when the server has answered, after all requests before it.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.do(ctx, request{op: "ping", body: []byte{'}'}, about: "the server", again: true})
	return err
}

// askAbout asks something about one topic that may be asked again, and reads the answer.
func (c *Client) askAbout(ctx context.Context, op, topic string, body []byte, into any) error {
	if err := checkTopic(topic); err != nil {
		return err
	}
	result, err := c.do(ctx, request{op: op, body: append(body, '}'), about: topic, again: true})
	if err != nil {
		return err
	}
	if err := json.Unmarshal(result, into); err != nil {
		return fmt.Errorf("client: reading the answer to %s %s: %w", op, topic, err)
	}
	return nil
}
