package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// centrifuge is the JSON form of Centrifuge's client protocol: numbered commands, replies under the
// same number, pushes without one, and an empty object as ping and pong. A frame may hold several
// messages, one per line, which is how that server saves system calls.
//
// Its wrapper around a delivery is 18 bytes longer than the founding one; the data is made that much
// shorter, so that a frame with one delivery has the same length as everybody else's.
type centrifuge struct{}

func (centrifuge) Hello() []byte { return []byte(`{"id":1,"connect":{}}`) }

func (centrifuge) Subscribe(topic string) []byte {
	return fmt.Appendf(nil, `{"id":2,"subscribe":{"channel":%q}}`, topic)
}

func (centrifuge) Publish(topic string, data []byte) []byte {
	return fmt.Appendf(nil, `{"id":3,"publish":{"channel":%q,"data":%s}}`, topic, data)
}

func (centrifuge) Delivery(topic string, data []byte) []byte {
	return fmt.Appendf(nil, `{"push":{"channel":%q,"pub":{"data":%s}}}`, topic, data)
}

func (centrifuge) Pong() []byte { return []byte(`{}`) }

func (centrifuge) Cut(payload []byte) (message, rest []byte) {
	if i := bytes.IndexByte(payload, '\n'); i >= 0 {
		return payload[:i], payload[i+1:]
	}
	return payload, nil
}

func (centrifuge) Kind(message []byte) Kind {
	if bytes.Equal(message, []byte(`{}`)) {
		return Ping
	}
	var reply struct {
		Error     json.RawMessage
		Connect   json.RawMessage
		Subscribe json.RawMessage
		Publish   json.RawMessage
	}
	if err := json.Unmarshal(message, &reply); err != nil || reply.Error != nil {
		return Unexpected
	}
	switch {
	case reply.Connect != nil:
		return Greeted
	case reply.Subscribe != nil:
		return Subscribed
	case reply.Publish != nil:
		return Published
	}
	return Unexpected
}

// positioned is centrifuge on a channel with history: a delivery ends with its offset, and with a broker between
// nodes with the epoch too, which are cut off here as numbered cuts off a number.
type positioned struct{ centrifuge }

func (d positioned) Delivery(topic string, data []byte) []byte {
	return bytes.TrimSuffix(d.centrifuge.Delivery(topic, data), []byte("}}}"))
}

func (d positioned) Cut(payload []byte) (message, rest []byte) {
	message, rest = d.centrifuge.Cut(payload)
	const label = `,"offset":`
	if most, ok := withoutEpoch(message); ok {
		if cut := withoutNumber(most, label, ""); len(cut) < len(most) {
			return cut, rest
		}
	}
	return withoutNumber(message, label, `}}}`), rest
}

// withoutEpoch cuts the epoch, some letters and digits, off the end of message with all that is behind it.
func withoutEpoch(message []byte) (rest []byte, ok bool) {
	const label, end = `,"epoch":"`, `"}}}`
	i := bytes.LastIndex(message, []byte(label))
	if i < 0 || !bytes.HasSuffix(message, []byte(end)) || i+len(label)+len(end) > len(message) {
		return message, false
	}
	epoch := message[i+len(label) : len(message)-len(end)]
	return message[:i], len(epoch) <= 16 && !bytes.ContainsAny(epoch, `"\{}`)
}
