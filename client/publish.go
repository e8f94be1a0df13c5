package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// dedupWindow is for how long after it was first sent a publication may be sent again:
// well within the two minutes for which the server knows a dedup.
const dedupWindow = 100 * time.Second

// PublishOptions are what may be said beside what is published.
type PublishOptions struct {
	// Key is what the publication is about, up to 128 bytes: it goes along, and where the
	// topic keeps only the latest of each key, a newer one takes an older one's place.
	Key string

	// Dedup makes a repeat harmless: within two minutes a publication to this topic by
	// this user with the same Dedup is published once; where the server's program does not
	// say who the users are (live.Options.Identify), by the client of this ID. Up to 128
	// bytes; random by default.
	Dedup string

	// NoEcho: the publication does not come back to this client.
	NoEcho bool
}

// Publish publishes, and returns the position once the server has accepted it: the zero
// Position on a topic without history. data is any JSON value: a json.RawMessage or a
// []byte as it is, everything else as json.Marshal has it.
//
// It waits for a connection. If the connection is lost before the answer, or the answer
// is CodeUnavailable, it publishes again with the same dedup, until ctx ends or it would
// not be safe any more; the error is ErrUnknown then. Other refusals are an *Error. A
// publication that has failed with ctx's error may have been accepted.
func (c *Client) Publish(ctx context.Context, topic string, data any, o PublishOptions) (Position, error) {
	position, err := c.publish(ctx, topic, data, o)
	if err != nil {
		return Position{}, fmt.Errorf("client: publishing to %s: %w", topic, err)
	}
	return position, nil
}

func (c *Client) publish(ctx context.Context, topic string, data any, o PublishOptions) (Position, error) {
	if err := checkTopic(topic); err != nil {
		return Position{}, err
	}
	text, err := encodeData(data)
	if err != nil {
		return Position{}, err
	}
	if o.Dedup == "" {
		o.Dedup = randomID()
	}
	body := appendText(make([]byte, 0, len(topic)+len(text)+len(o.Key)+len(o.Dedup)+64), "topic", topic)
	body = append(appendName(body, "data"), text...)
	body = appendText(appendText(body, "key", o.Key), "dedup", o.Dedup)
	if o.NoEcho {
		body = append(body, `,"echo":false`...)
	}
	body = append(body, '}')
	if err := c.begin(ctx, body); err != nil {
		return Position{}, err
	}
	defer c.release()
	result, err := c.publishOnce(ctx, body)
	if err != nil {
		return Position{}, err
	}
	var p Position
	if err := json.Unmarshal(result, &p); err != nil {
		return Position{}, fmt.Errorf("reading the answer: %w", err)
	}
	return p, nil
}

// publishOnce sends the operation until the server has answered whether it took it.
func (c *Client) publishOnce(ctx context.Context, body []byte) ([]byte, error) {
	p := pace{Backoff: c.o.Backoff}
	within := ctx     // also bounds what is sent again
	var refused error // the last
	var unknown bool  // the server may have accepted it
	for {
		began := time.Now()
		a := c.attempt(within, "publish", body)
		if a.err == nil {
			return a.result, nil
		}
		again := errors.Is(a.err, ErrDisconnected)
		if isCode(a.err, CodeUnavailable) {
			again, refused = sleep(within, p.next()), a.err
		}
		if !again {
			if within.Err() != nil && ctx.Err() == nil {
				return nil, errors.Join(ErrUnknown, refused)
			}
			if ctx.Err() != nil && refused != nil {
				return nil, errors.Join(ctx.Err(), refused)
			}
			return nil, a.err
		}
		if a.sent && !unknown {
			unknown = true
			bounded, cancel := context.WithDeadline(ctx, began.Add(dedupWindow))
			defer cancel()
			within = bounded
		}
	}
}
