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
	return withoutNumber(payload, `,"seq":`, `}`), nil
}

// withoutNumber cuts a number off the end of message, with the label before it and the end behind it. A message
// that does not end so stays as it is.
func withoutNumber(message []byte, label, end string) []byte {
	if !bytes.HasSuffix(message, []byte(end)) {
		return message
	}
	digits := len(message) - len(end)
	i := digits
	for i > 0 && '0' <= message[i-1] && message[i-1] <= '9' {
		i--
	}
	if i == digits || !bytes.HasSuffix(message[:i], []byte(label)) {
		return message
	}
	return message[:i-len(label)]
}
