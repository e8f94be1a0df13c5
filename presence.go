package live

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/internal/presence"
	"github.com/livetopics/live/internal/protocol"
)

// presencePrefix and a topic make the name under which its presence events are spread.
const presencePrefix = "$presence:"

// Member is a user who is present on a topic.
type Member struct {
	User     string          `json:"user"`     // what Options.Identify returned, or a session ID
	Info     json.RawMessage `json:"info"`     // what Options.Identify returned beside it
	Sessions int             `json:"sessions"` // how many of the user's sessions are subscribed
}

// Members are who is present on a topic: all of them, or a sample of a crowd.
type Members struct {
	List  []Member // in the order they came, at most Rule.PresenceLimit
	Count int      // of all
}

// Presence returns who is present on a topic: the users with a session subscribed to
// it, or who had one until up to 10 s ago. It may block for as long as the broker
// takes. It returns ErrNoPresence for a topic whose rule does not ask for presence,
// ErrInvalidTopic, ErrUnavailable or the context's error.
func (s *Server) Presence(ctx context.Context, topic string) (Members, error) {
	if err := checkTopic(topic); err != nil {
		return Members{}, err
	}
	rule, _ := s.rules.of(topic)
	if rule == nil || !rule.Presence {
		return Members{}, ErrNoPresence
	}
	ctx, cancel := s.brokerContext(ctx)
	defer cancel()
	found, err := s.presence.Members(ctx, topic, rule.PresenceLimit)
	if err != nil {
		return Members{}, brokerError(err)
	}
	m := Members{List: make([]Member, len(found.List)), Count: found.Count}
	for i, b := range found.List {
		m.List[i] = Member{User: b.User, Info: orNull(b.Info), Sessions: b.Sessions}
	}
	return m, nil
}

func orNull(info []byte) json.RawMessage {
	if len(info) == 0 {
		return json.RawMessage("null")
	}
	return bytes.Clone(info)
}

// appendMembers appends them as a JSON array.
func appendMembers(dst []byte, list []broker.Member) []byte {
	dst = append(dst, '[')
	for i, m := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = protocol.AppendMember(dst, m.User, m.Info, m.Sessions)
	}
	return append(dst, ']')
}

// announce spreads an event of a topic's presence to those who asked for it.
func (s *Server) announce(topic string, ev presence.Event) {
	data := []byte(nil)
	if ev.Kind == presence.Count {
		data = appendCount(nil, ev.Count)
	} else {
		data = protocol.AppendMember(nil, ev.Member.User, ev.Member.Info, ev.Member.Sessions)
	}
	s.spread(presencePrefix+topic, protocol.AppendEvent(nil, topic, ev.Kind.String(), data))
}

// person is a user, as presence shows them.
type person struct {
	user string
	info []byte
}

func (p person) equals(other person) bool {
	return p.user == other.user && bytes.Equal(p.info, other.info)
}

// appear makes the session's user present on a topic. x.mu is held.
func (s *Session) appear(x *extra, topic string, rule *Rule, who person) error {
	ctx, cancel := s.server.brokerContext(context.Background())
	defer cancel()
	if err := s.server.presence.Join(ctx, topic, rule.PresenceLimit, s, who.user, who.info); err != nil {
		return brokerError(err)
	}
	if x.present == nil {
		x.present = make(map[string]struct{})
	}
	x.present[topic] = struct{}{}
	return nil
}

// vanish ends it. x.mu is held.
func (s *Session) vanish(x *extra, topic string) {
	if _, was := x.present[topic]; was {
		delete(x.present, topic)
		s.server.presence.Leave(topic, s)
	}
}

// reappear tells presence who the session's user is now, if that is not who it was.
func (s *Session) reappear(was person) {
	x := s.extra.Load()
	if x == nil || s.server.opts.Identify == nil {
		return
	}
	for is := s.identity(); !is.equals(was); is = s.identity() {
		s.changePresence(x, is)
		was = is
	}
}

func (s *Session) changePresence(x *extra, who person) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for topic := range x.present {
		ctx, cancel := s.server.brokerContext(context.Background())
		if err := s.server.presence.Update(ctx, topic, s, who.user, who.info); err != nil {
			s.server.log.Warn("live: failed to update presence", "topic", topic, "session", s.ID(), "error", err)
		}
		cancel()
	}
}

// recount tells those who watch presence how many there are, since they may not have
// been told who came and went: clients that keep a roll ask for a new one.
func (s *Server) recount() {
	s.engine.EachTopic(func(name string, _ int) {
		topic, watched := strings.CutPrefix(name, presencePrefix)
		if !watched {
			return
		}
		s.cluster.lanes.add(name, func() {
			ctx, cancel := s.brokerContext(context.Background())
			defer cancel()
			m, err := s.presence.Members(ctx, topic, 0)
			if err != nil {
				s.log.Warn("live: failed to count who is present", "topic", topic, "error", err)
				return
			}
			event := protocol.AppendEvent(nil, topic, presence.Count.String(), appendCount(nil, m.Count))
			s.engine.Push(name, rawFrame(appendText(nil, event)), nil)
		})
	})
}
