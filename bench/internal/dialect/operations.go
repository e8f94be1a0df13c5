package dialect

import (
	"bytes"
	"fmt"
)

// operations is the protocol of this project's clients: what a client asks for is a frame with a member op.
// Its publish has no id, so that only a refusal is answered. Deliveries are the founding ones.
type operations struct{ founding }

func (operations) Subscribe(topic string) []byte {
	return fmt.Appendf(nil, `{"op":"subscribe","id":1,"topic":%q}`, topic)
}

func (operations) Publish(topic string, data []byte) []byte {
	return fmt.Appendf(nil, `{"op":"publish","topic":%q,"data":%s}`, topic, data)
}

func (d operations) Delivery(topic string, data []byte) []byte {
	return d.founding.Publish(topic, data)
}

func (operations) Kind(message []byte) Kind {
	if bytes.HasPrefix(message, []byte(`{"id":1,"result":`)) {
		return Subscribed
	}
	return Unexpected
}

// numbered is operations on a topic with history: a delivery ends with its number, which the server gives.
// Here it is cut off, with the brace behind it, and only its form is checked: data has a number of
// its own, by which order and completeness are judged.
type numbered struct{ operations }

func (d numbered) Delivery(topic string, data []byte) []byte {
	whole := d.operations.Delivery(topic, data)
	return whole[:len(whole)-1]
}

func (numbered) Cut(payload []byte) (message, rest []byte) {
	const label = `,"seq":`
	i := len(payload) - 1
	if i < 0 || payload[i] != '}' {
		return payload, nil
	}
	for i > 0 && '0' <= payload[i-1] && payload[i-1] <= '9' {
		i--
	}
	if i == len(payload)-1 || !bytes.HasSuffix(payload[:i], []byte(label)) {
		return payload, nil
	}
	return payload[:i-len(label)], nil
}
