package live

import (
	"fmt"

	"github.com/livetopics/live/internal/engine"
	"github.com/livetopics/live/internal/protocol"
	"github.com/livetopics/live/internal/topic"
	"github.com/livetopics/live/internal/ws"
)

// Publish sends data to every subscriber of the topic. What one goroutine publishes
// to a topic arrives in that order, and all subscribers see one order. Data is
// copied; CR and LF between its tokens are left out. Publish waits while the server
// is more than 16,384 publications and messages behind, and otherwise does not
// block. A topic that nobody is subscribed to costs next to nothing.
//
// It returns ErrInvalidTopic, ErrInvalidData or ErrServerClosed, and then nothing
// was sent to anybody; the first two are logged as well.
func (s *Server) Publish(name string, data []byte) error {
	if s.closing.Load() {
		return ErrServerClosed
	}
	if err := checkTopic(name); err != nil {
		return s.refused("publish", err)
	}
	if err := checkData(data); err != nil {
		return s.refused("publish to "+name, err)
	}
	if s.engine.Subscribers(name) > 0 {
		s.engine.Publish(name, newFrame(name, data), nil)
	}
	s.published.Add(1)
	return nil
}

// checkTopic checks a topic that an application publishes or subscribes to.
func checkTopic(name string) error {
	if err := topic.Valid(name); err != nil {
		return fmt.Errorf("%w %.80q: %w", ErrInvalidTopic, name, err)
	}
	if topic.Reserved(name) {
		return fmt.Errorf("%w %.80q: names that begin with $ are the server's own", ErrInvalidTopic, name)
	}
	return nil
}

func checkData(data []byte) error {
	if err := protocol.Check(data); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidData, err)
	}
	return nil
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
