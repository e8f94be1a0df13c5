package live

import (
	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/internal/engine"
	"github.com/livetopics/live/internal/protocol"
	"github.com/livetopics/live/internal/topic"
)

// operations are what a client can ask for. Each returns the result as JSON, nil for an
// empty one, and perhaps what is to be done once it is sent. They run one at a time for
// a session, in order.
var operations = [...]func(s *Session, op *protocol.Operation) (result []byte, then func(), err error){
	protocol.KindSubscribe:   (*Session).opSubscribe,
	protocol.KindUnsubscribe: (*Session).opUnsubscribe,
	protocol.KindPublish:     (*Session).opPublish,
	protocol.KindHistory:     (*Session).opHistory,
	protocol.KindPresence:    (*Session).opPresence,
	protocol.KindCall:        (*Session).opCall,
	protocol.KindAuth:        (*Session).opAuth,
	protocol.KindPing:        func(*Session, *protocol.Operation) ([]byte, func(), error) { return nil, nil, nil },
}

// operate runs the operation that a frame holds, and answers it.
func (s *Session) operate(payload []byte) {
	if s.speaks() {
		s.tellDrainNow()
	}
	s.server.operations.Add(1)
	var op protocol.Operation
	if err := protocol.ParseOperation(payload, &op); err != nil {
		s.answer(protocol.AppendRefusal(nil, op.ID, CodeBadRequest, err.Error()))
		s.misbehaved(&s.bad, mostBadFrames, "malformed frames in a row")
		return
	}
	s.bad = 0
	s.protect("an operation", func() {
		result, then, err := operations[op.Kind](s, &op)
		switch {
		case err != nil:
			e := s.refusal(err, CodeInternal, op.Kind.String())
			s.answer(protocol.AppendRefusal(nil, op.ID, e.Code, e.Message))
		case op.ID != nil:
			s.answer(protocol.AppendResult(nil, op.ID, result))
		}
		if then != nil {
			then()
		}
	})
}

// speaks notes that the client knows of operations, and so may be told of events. It
// reports whether that was not known.
func (s *Session) speaks() (news bool) {
	if s.spoke.Load() {
		return false
	}
	s.spoke.Store(true)
	s.conn.TakesEvents()
	return true
}

// answer sends a reply. That a session is too slow to get it ends the session.
func (s *Session) answer(payload []byte) {
	s.conn.Reply(&engine.Frame{Bytes: appendText(nil, payload)})
}

func eventFrame(topic, event string, data []byte) *engine.Frame {
	return rawFrame(appendText(nil, protocol.AppendEvent(nil, topic, event, data)))
}

// allowed checks the name of a topic and whether its rule lets the session do
// something. err is for the client.
func (s *Session) allowed(name string, check func(*Rule) Check) (rule *Rule, m Match, err error) {
	if most := s.server.opts.Limits.TopicLength; most > 0 && len(name) > most {
		return nil, m, Errorf(CodeTooLarge, "The topic has %d bytes; Limits.TopicLength is %d.", len(name), most)
	}
	if err := nameFault(name); err != nil {
		return nil, m, Errorf(CodeBadRequest, "%v", err)
	}
	if topic.IsWildcard(name) {
		rule, m = s.server.rules.wild[name], Match{Topic: name}
	} else {
		rule, m = s.server.rules.of(name)
	}
	if rule == nil {
		return nil, m, Errorf(CodeForbidden, "No rule allows this on %s.", name)
	}
	if err := check(rule).check(s.Context(), s, m); err != nil {
		return nil, m, s.refusal(err, CodeForbidden, "let a client on "+name)
	}
	return rule, m, nil
}

func canSubscribe(r *Rule) Check { return r.CanSubscribe }
func canPublish(r *Rule) Check   { return r.CanPublish }

// noWildcard refuses what makes sense for one topic only.
func noWildcard(name, what string) error {
	if topic.IsWildcard(name) {
		return Errorf(CodeBadRequest, "A wildcard has no %s: name one topic.", what)
	}
	return nil
}

func (s *Session) opUnsubscribe(op *protocol.Operation) ([]byte, func(), error) {
	names := []string{op.Topic}
	if op.Batch {
		names = names[:0]
		for _, t := range op.Topics {
			names = append(names, t.Topic)
		}
	}
	for _, name := range names {
		if err := nameFault(name); err != nil {
			return nil, nil, Errorf(CodeBadRequest, "%v", err)
		}
	}
	for _, name := range names {
		if err := s.server.leave(s, name); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, nil
}

func (s *Session) opPublish(op *protocol.Operation) ([]byte, func(), error) {
	if err := noWildcard(op.Topic, "publications of its own"); err != nil {
		return nil, nil, err
	}
	rule, match, err := s.allowed(op.Topic, canPublish)
	if err != nil {
		return nil, nil, err
	}
	m := broker.Message{Topic: op.Topic, Data: op.Data, Key: op.Key, Dedup: s.dedupScope(op.Dedup)}
	if op.NoEcho {
		m.Origin = s.origin()
	}
	if rule.Accept != nil {
		data, err := rule.Accept(s.Context(), s, match, op.Data)
		if err != nil {
			return nil, nil, s.refusal(err, CodeInternal, "accept what a client publishes to "+op.Topic)
		}
		if data != nil {
			m.Data, m.Sent = data, op.Data // it may say the time, which is another in a repeat
		}
	}
	p, err := s.server.publish(s.Context(), "publish for a client to ", m)
	if err != nil {
		return nil, nil, err
	}
	if p == (Position{}) {
		return nil, nil, nil
	}
	return protocol.AppendPosition(nil, p.Epoch, p.Seq), nil, nil
}
