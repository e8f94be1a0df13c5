package live

import (
	"encoding/json"
	"fmt"

	"github.com/livetopics/live/internal/engine"
	"github.com/livetopics/live/internal/protocol"
	"github.com/livetopics/live/internal/ws"
)

// Message is what Send sends to one session, and the shape of every message on the
// wire: {"topic":…,"data":…}.
type Message struct {
	Topic string          `json:"topic"` // 1 to 255 bytes of UTF-8, need not be a valid topic
	Data  json.RawMessage `json:"data"`  // one JSON value; nil is null
}

// encode makes the frame of a message.
func encode(m Message) (*engine.Frame, error) {
	if err := protocol.CheckTopic(m.Topic); err != nil {
		return nil, fmt.Errorf("%w %.80q: %w", ErrInvalidTopic, m.Topic, err)
	}
	if len(m.Data) > 0 {
		if err := checkData(m.Data); err != nil {
			return nil, err
		}
	}
	return newFrame(m.Topic, m.Data), nil
}

// newFrame makes the frame of a message that was checked.
func newFrame(topic string, data []byte) *engine.Frame {
	return textFrame(protocol.AppendMessage(frameBuffer(protocol.MessageSize(topic, data)), topic, data))
}

// errorFrame makes the frame that answers one which could not be taken.
func errorFrame(code, message string) *engine.Frame {
	return textFrame(protocol.AppendErrorMessage(frameBuffer(len(message)+64), code, message))
}

// frameBuffer has room for a header and then size bytes of payload.
func frameBuffer(size int) []byte {
	return make([]byte, ws.MaxHeaderSize, ws.MaxHeaderSize+size)
}

// textFrame puts the header in front of the payload that was appended to a
// frameBuffer: without a copy, although the header's length depends on it.
func textFrame(b []byte) *engine.Frame {
	n := len(b) - ws.MaxHeaderSize
	b = b[ws.MaxHeaderSize-ws.HeaderSize(n):]
	ws.PutHeader(b, ws.OpText, n)
	return &engine.Frame{Bytes: b}
}
