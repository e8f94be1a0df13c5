package live

import (
	"context"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/internal/protocol"
	"github.com/livetopics/live/internal/topic"
)

// Position is a place in a topic's history: the number of a publication within an
// epoch. The zero Position is that of topics without history.
type Position = broker.Position

// PublishOptions are what PublishWith takes besides.
type PublishOptions struct {
	// Key names what the publication is about; it goes along with it, and for
	// KeepLatest a newer one of the same key takes the place of an older one. At most
	// 128 bytes without control characters.
	Key string

	// Dedup makes a repeat harmless: of publications to a topic with the same Dedup
	// within two minutes the first is published, and the others are answered as it
	// was. At most 128 bytes without control characters.
	Dedup string

	// Except is a session that does not get the publication, neither now nor when it
	// recovers. It may be nil.
	Except *Session
}

// Publish sends data to every subscriber of the topic. What one goroutine publishes
// to a topic arrives in that order, and all subscribers see one order. Data is
// copied; CR and LF between its tokens are left out. Publish waits while the server
// is more than 16,384 publications and messages behind, in a cluster also up to 5 s for
// the broker, and otherwise does not block. A topic that nobody is subscribed to, and
// that has no history, costs next to nothing.
//
// It returns ErrInvalidTopic, ErrInvalidData, ErrTooLarge, ErrUnavailable or
// ErrServerClosed; the first three are logged as well. Nothing was sent to anybody
// then; only after ErrUnavailable this is not known.
func (s *Server) Publish(name string, data []byte) error {
	_, err := s.publish(context.Background(), "publish to ", broker.Message{Topic: name, Data: data})
	return err
}

// PublishWith is Publish with a context and options, for those who want to know the
// position that the publication got. It returns their errors also: ErrInvalidKey for a
// Key or Dedup that is not allowed, ErrConflict for a Dedup that was used with other
// data, ErrWrongServer, the context's error.
func (s *Server) PublishWith(ctx context.Context, name string, data []byte, o PublishOptions) (Position, error) {
	m := broker.Message{Topic: name, Data: data, Key: o.Key}
	for what, label := range map[string]string{"Key": o.Key, "Dedup": o.Dedup} {
		if err := checkLabel(what, label); err != nil {
			return Position{}, s.refused("publish to "+name, err)
		}
	}
	if o.Dedup != "" {
		m.Dedup = "s" + originSeparator + o.Dedup
	}
	if o.Except != nil {
		if o.Except.server != s {
			return Position{}, s.refused("publish to "+name, ErrWrongServer)
		}
		m.Origin = o.Except.origin()
	}
	return s.publish(ctx, "publish to ", m)
}

// publish checks a message, and gives it to the broker. doing and the topic's name say
// in the log what was refused.
func (s *Server) publish(ctx context.Context, doing string, m broker.Message) (Position, error) {
	if s.closing.Load() {
		return Position{}, ErrServerClosed
	}
	if err := checkTopic(m.Topic); err != nil {
		return Position{}, s.refused("publish", err)
	}
	if err := s.checkPublication(m.Data); err != nil {
		return Position{}, s.refused(doing+m.Topic, err)
	}
	if rule, _ := s.rules.of(m.Topic); rule != nil {
		m.History = rule.History
	}
	wanted := s.engine.Ready(m.Topic)
	if s.local && !m.History.On() && m.Dedup == "" {
		// The broker would only hand it back.
		if wanted {
			s.deliver(m.Topic, "", &broker.Publication{Key: m.Key, Origin: m.Origin, Data: m.Data})
		}
		s.published.Add(1)
		return Position{}, nil
	}
	ctx, cancel := s.brokerContext(ctx)
	defer cancel()
	kept := m // so that what does not come this far is not allocated
	p, err := s.broker.Publish(ctx, &kept)
	if err != nil {
		return Position{}, brokerError(err)
	}
	s.published.Add(1)
	return p, nil
}

func (s *Server) checkPublication(data []byte) error {
	if most := s.opts.Limits.PublicationSize; most > 0 && len(data) > most {
		return fmt.Errorf("%w: %d bytes, and Limits.PublicationSize is %d", ErrTooLarge, len(data), most)
	}
	return checkData(data)
}

// maxLabel is how long a key or a dedup may be.
const maxLabel = 128

// checkLabel checks a Key or a Dedup.
func checkLabel(what, label string) error {
	switch {
	case len(label) > maxLabel:
		return fmt.Errorf("%w: %s has %d bytes, %d are allowed", ErrInvalidKey, what, len(label), maxLabel)
	case !utf8.ValidString(label):
		return fmt.Errorf("%w: %s is not valid UTF-8", ErrInvalidKey, what)
	}
	for _, r := range label {
		if unicode.IsControl(r) {
			return fmt.Errorf("%w: %s has a control character", ErrInvalidKey, what)
		}
	}
	return nil
}

// checkTopic checks a topic that an application publishes or subscribes to.
func checkTopic(name string) error {
	err := topic.Valid(name)
	if err == nil && topic.Reserved(name) {
		err = errReserved
	}
	if err != nil {
		return fmt.Errorf("%w %.80q: %w", ErrInvalidTopic, name, err)
	}
	return nil
}

func checkData(data []byte) error {
	if err := protocol.Check(data); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidData, err)
	}
	return nil
}
