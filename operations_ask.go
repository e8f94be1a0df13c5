package live

import (
	"encoding/json"
	"fmt"

	"github.com/livetopics/live/internal/protocol"
)

func (s *Session) opCall(op *protocol.Operation) ([]byte, func(), error) {
	hook := s.server.opts.OnCall
	if hook == nil {
		return nil, nil, Errorf(CodeNotFound, "This server takes no calls.")
	}
	data := op.Data
	if data == nil {
		data = []byte("null")
	}
	v, err := hook(s.Context(), s, op.Topic, data)
	if err != nil {
		return nil, nil, err
	}
	result, err := marshal(v)
	return result, nil, err
}

// marshal encodes what a hook returned.
func marshal(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err == nil {
		err = checkData(b)
	}
	if err != nil {
		return nil, fmt.Errorf("encode what the hook returned: %w", err)
	}
	return b, nil
}

func (s *Session) opAuth(op *protocol.Operation) ([]byte, func(), error) {
	hook := s.server.opts.OnRefresh
	if hook == nil {
		return nil, nil, Errorf(CodeNotFound, "This server takes no tokens.")
	}
	if err := hook(s.Context(), s, op.Token); err != nil {
		return nil, nil, s.refusal(err, CodeUnauthorized, "refresh a token")
	}
	if err := s.revoke(); err != nil {
		return nil, nil, err
	}
	expires := "null"
	if at := s.Expiry(); !at.IsZero() {
		expires = fmt.Sprint(at.UnixMilli())
	}
	return fmt.Appendf(nil, `{"expires":%s}`, expires), nil, nil
}

// revoke ends the subscriptions that the client made and is not allowed any more.
func (s *Session) revoke() error {
	for _, name := range s.conn.TopicsWith(subscribedByClient) {
		_, _, err := s.allowed(name, canSubscribe)
		if err == nil {
			continue
		}
		if err := s.server.leave(s, name); err != nil {
			return err
		}
		e := s.refusal(err, CodeForbidden, "let a client stay on "+name)
		data := append(protocol.AppendString([]byte(`{"code":`), e.Code), `,"message":`...)
		data = append(protocol.AppendString(data, e.Message), '}')
		s.conn.Reply(eventFrame(name, "revoked", data))
	}
	return nil
}
