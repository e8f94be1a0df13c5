package dialect

import (
	"bytes"
	"fmt"
)

// founding is the envelope {"topic":T,"data":D}, both ways, one per frame. Every server here speaks it
// but centrifuge.
type founding struct{}

func (founding) Hello() []byte { return nil }

func (founding) Subscribe(topic string) []byte {
	return fmt.Appendf(nil, `{"topic":"subscribe","data":{"topic":%q}}`, topic)
}

func (founding) Publish(topic string, data []byte) []byte {
	return fmt.Appendf(nil, `{"topic":%q,"data":%s}`, topic, data)
}

func (d founding) Delivery(topic string, data []byte) []byte { return d.Publish(topic, data) }

func (founding) Pong() []byte { return nil }

func (founding) Cut(payload []byte) (message, rest []byte) { return payload, nil }

func (founding) Kind(message []byte) Kind {
	if bytes.Equal(message, []byte(`{"topic":"subscribed","data":{}}`)) {
		return Subscribed
	}
	return Unexpected
}
