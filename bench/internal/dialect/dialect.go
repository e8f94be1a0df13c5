// Package dialect says what a server's clients say: how a topic is subscribed to, what a publication
// looks like on its way in and out, and which answers are expected in between.
package dialect

import "fmt"

// Kind is what a message from the server that is not a delivery means.
type Kind int

// The kinds of message.
const (
	Unexpected Kind = iota // anything else, an error among it
	Greeted                // the answer to Hello
	Subscribed             // the answer to Subscribe
	Published              // the answer to Publish, in a dialect that has one
	Ping                   // a question that Pong answers
)

// Dialect is one way of talking to a server over text frames. All methods return whole messages, to be
// framed by the caller; none blocks or keeps state.
type Dialect interface {
	// Hello is the first message after the upgrade; nil where none is needed.
	Hello() []byte
	// Subscribe asks for topic.
	Subscribe(topic string) []byte
	// Publish sends data, a JSON value, to topic.
	Publish(topic string, data []byte) []byte
	// Delivery is what a subscriber of topic gets for Publish(topic, data).
	Delivery(topic string, data []byte) []byte
	// Pong answers a message of kind Ping.
	Pong() []byte
	// Cut takes the first message off a frame's payload. It allocates nothing.
	Cut(payload []byte) (message, rest []byte)
	// Kind tells what a message that is not a delivery means.
	Kind(message []byte) Kind
}

// Named returns the dialect that a server announced itself with: "founding", "centrifuge", "positioned", "operations"
// or "numbered".
func Named(name string) (Dialect, error) {
	switch name {
	case "founding":
		return founding{}, nil
	case "centrifuge":
		return centrifuge{}, nil
	case "positioned":
		return positioned{}, nil
	case "operations":
		return operations{}, nil
	case "numbered":
		return numbered{}, nil
	}
	return nil, fmt.Errorf("dialect: %q is none of founding, centrifuge, positioned, operations, numbered", name)
}
