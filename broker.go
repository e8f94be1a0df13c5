package live

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/memory"
	"github.com/livetopics/live/internal/engine"
	"github.com/livetopics/live/internal/protocol"
)

// brokerTimeout is how long the broker is waited for where the caller sets no deadline.
const brokerTimeout = 5 * time.Second

// openBroker makes the broker, in this process's memory unless the options have one.
func (s *Server) openBroker() error {
	open := s.opts.Broker
	if s.local = open == nil; s.local {
		open = memory.New(memory.Options{MaxBytes: s.opts.Limits.HistoryBytes})
	}
	b, err := open(s.deliver)
	s.broker = b
	return err
}

// brokerContext bounds a call to a broker that is elsewhere.
func (s *Server) brokerContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, bounded := ctx.Deadline(); s.local || bounded {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, brokerTimeout)
}

// deliver is given to the broker, which calls it for every publication in its topic's
// order: from here on it goes to this server's subscribers. It waits at most for the
// engine, which waits for nobody.
func (s *Server) deliver(topic, epoch string, p *broker.Publication) {
	if !s.local {
		s.received.Add(1)
		if strings.HasPrefix(topic, "$") && !strings.HasPrefix(topic, presencePrefix) {
			s.cluster.received(topic, p.Data)
			return
		}
		if epoch != "" && !s.topics.heed(topic, epoch) {
			return
		}
	}
	switch {
	case p.Lost > p.Seq: // there is another epoch, and nothing in it
	case p.Lost > 0:
		s.engine.Notice(topic, rawFrame(gapFrame(topic, p.Lost, p.Seq, 0)), p.Seq)
	case !s.wanted(topic) || p.Origin == s.cluster.id: // what this server told others, its sessions know
	case strings.HasPrefix(topic, "$"):
		s.engine.Push(topic, rawFrame(appendText(nil, p.Data)), nil)
	default:
		s.engine.Push(topic, s.publicationFrame(topic, p), s.exempt(p.Origin))
	}
}

// wanted reports whether a session of this server gets what is published to the topic.
// Where publishers elsewhere do not wait for this server while it is far behind, it waits
// itself: the broker's connection is then read more slowly.
func (s *Server) wanted(topic string) bool {
	if s.local {
		return s.engine.Wanted(topic)
	}
	return s.engine.Ready(topic)
}

// publicationFrame makes the frame of a publication, which says what a queue has to
// know if it has to know anything.
func (s *Server) publicationFrame(topic string, p *broker.Publication) *engine.Frame {
	size := protocol.PublicationSize(topic, p.Data, p.Key)
	f := textFrame(protocol.AppendPublication(frameBuffer(size), topic, p.Data, p.Seq, p.Key))
	overflow := s.rules.overflow(topic)
	if overflow != Disconnect || p.Seq != 0 || p.Origin != "" {
		f.Pub = &engine.Pub{Topic: topic, Seq: p.Seq, Key: p.Key, Origin: p.Origin, Overflow: engine.Overflow(overflow)}
	}
	return f
}

// exempt returns the connection that a publication came from and must not go to.
func (s *Server) exempt(origin string) *engine.Conn {
	if origin == "" {
		return nil
	}
	id, _, _ := strings.Cut(origin, originSeparator)
	if session := s.sessions.find(s.engine, id); session != nil {
		return &session.conn
	}
	return nil
}

// spread gives a frame's payload to the subscribers of one of the server's own topics,
// on all servers. It does not block.
func (s *Server) spread(topic string, payload []byte) {
	if s.engine.Wanted(topic) {
		s.engine.Push(topic, rawFrame(appendText(nil, payload)), nil)
	}
	if !s.local {
		s.cluster.tell(topic, payload)
	}
}

// brokerError is what callers see of a broker's error.
func brokerError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, broker.ErrClosed):
		return ErrServerClosed
	case errors.Is(err, broker.ErrConflict):
		return ErrConflict
	case errors.Is(err, broker.ErrTooLarge):
		return fmt.Errorf("%w: %w", ErrTooLarge, err)
	case errors.Is(err, context.Canceled):
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// gapFrame tells of publications that were dropped for a slow reader.
func gapFrame(topic string, from, to uint64, lost int) []byte {
	if to == 0 {
		return appendText(nil, protocol.AppendEvent(nil, topic, "gap", appendCount(nil, lost)))
	}
	return appendText(nil, protocol.AppendEvent(nil, topic, "gap", protocol.AppendGap(nil, from, to)))
}

// anewFrame tells that a topic's history has begun anew.
func anewFrame(topic, epoch string) []byte {
	return appendText(nil, protocol.AppendEvent(nil, topic, "gap", append(protocol.AppendString([]byte(`{"epoch":`), epoch), '}')))
}

// appendCount appends {"count":N}.
func appendCount(dst []byte, n int) []byte { return fmt.Appendf(dst, `{"count":%d}`, n) }
