package live

import (
	"context"
	"fmt"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/internal/protocol"
)

// How much of a history one answer has.
const (
	defaultHistory = 100
	mostHistory    = 1000
	historyBytes   = 1 << 20
)

func (s *Session) opHistory(op *protocol.Operation) ([]byte, func(), error) {
	if err := noWildcard(op.Topic, "history"); err != nil {
		return nil, nil, err
	}
	rule, _, err := s.allowed(op.Topic, canSubscribe)
	if err != nil {
		return nil, nil, err
	}
	if !rule.History.On() {
		return nil, nil, Errorf(CodeNotFound, "%s has no history.", op.Topic)
	}
	q := broker.Query{Before: op.Before, Limit: op.Limit, MaxBytes: historyBytes}
	if q.Limit == 0 {
		q.Limit = defaultHistory
	}
	q.Limit = min(q.Limit, mostHistory)
	if op.Since != nil {
		q.Since = op.Since.Seq
	} else {
		q.Newest = op.Before == 0
	}
	page, err := s.server.history(op.Topic, rule, q)
	if err == nil && op.Since != nil && op.Since.Epoch != page.Epoch {
		q.Since = 0 // a number of another epoch says nothing
		page, err = s.server.history(op.Topic, rule, q)
	}
	if err != nil {
		return nil, nil, err
	}
	entries := make([]protocol.Entry, len(page.Publications))
	for i, p := range page.Publications {
		entries[i] = protocol.Entry{Seq: p.Seq, Data: p.Data, Key: p.Key, At: p.At}
	}
	return protocol.AppendHistory(nil, page.Epoch, page.Seq, entries), nil, nil
}

// readFor reads a topic's history for one of its subscriptions. What it learns of the
// topic's epoch holds from then on for all of them.
func (s *Server) readFor(ctx context.Context, topic string, h History, q broker.Query) (broker.Page, error) {
	page, err := s.broker.History(ctx, topic, h, q)
	if err == nil && !s.local && !s.topics.heed(topic, page.Epoch) {
		err = fmt.Errorf("%w: the history that was read is one of before", broker.ErrUnavailable)
	}
	return page, err
}

// history asks the broker.
func (s *Server) history(topic string, rule *Rule, q broker.Query) (broker.Page, error) {
	ctx, cancel := s.brokerContext(context.Background())
	defer cancel()
	page, err := s.broker.History(ctx, topic, rule.History, q)
	return page, brokerError(err)
}

func (s *Session) opPresence(op *protocol.Operation) ([]byte, func(), error) {
	if err := noWildcard(op.Topic, "presence"); err != nil {
		return nil, nil, err
	}
	rule, _, err := s.allowed(op.Topic, canSubscribe)
	if err != nil {
		return nil, nil, err
	}
	if !rule.Presence {
		return nil, nil, Errorf(CodeNotFound, "%s has no presence.", op.Topic)
	}
	limit := rule.PresenceLimit
	if op.Limit > 0 {
		limit = min(limit, op.Limit)
	}
	list, count, err := s.server.members(op.Topic, limit)
	if err != nil {
		return nil, nil, err
	}
	return fmt.Appendf(nil, `{"members":%s,"count":%d}`, list, count), nil, nil
}

// members returns who is present as a JSON array.
func (s *Server) members(topic string, limit int) (list []byte, count int, err error) {
	ctx, cancel := s.brokerContext(context.Background())
	defer cancel()
	m, err := s.presence.Members(ctx, topic, limit)
	if err != nil {
		return nil, 0, brokerError(err)
	}
	return appendMembers(nil, m.List), m.Count, nil
}
