package live

import (
	"errors"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/internal/engine"
	"github.com/livetopics/live/internal/protocol"
	"github.com/livetopics/live/internal/topic"
)

// entry is one topic on the way to being subscribed to: its subscription is behind
// until the answer is sent, and then brought up to date like any other that is.
type entry struct {
	rule   *Rule
	match  Match
	held   engine.Held
	events engine.Held // to the topic's presence events, if asked for
	watch  bool        // it was asked for
	kept   bool        // what is between after and the head is kept
	after  uint64      // the stream goes on after this one
	answer protocol.Subscribed
}

// how is what a client asks for beside the topic.
type how struct {
	since    *protocol.Position
	last     int
	presence bool
}

func (s *Session) opSubscribe(op *protocol.Operation) ([]byte, func(), error) {
	if !op.Batch {
		e, err := s.enter(op.Topic, how{op.Since, op.Last, op.Presence})
		if err != nil {
			return nil, nil, err
		}
		return protocol.AppendSubscribed(nil, &e.answer), func() { s.goLive(e) }, nil
	}
	entries := make([]*entry, 0, len(op.Topics))
	result := []byte(`{"topics":{`)
	for i, t := range op.Topics {
		if i > 0 {
			result = append(result, ',')
		}
		result = append(protocol.AppendString(result, t.Topic), ':')
		e, err := s.enter(t.Topic, how{t.Since, op.Last, op.Presence})
		if err != nil {
			refused := s.refusal(err, CodeInternal, "subscribe to "+t.Topic)
			result = protocol.AppendRefusal(result, nil, refused.Code, refused.Message)
			continue
		}
		result = protocol.AppendSubscribed(result, &e.answer)
		entries = append(entries, e)
	}
	return append(result, `}}`...), func() { s.goLive(entries...) }, nil
}

// enter makes the session a subscriber of a topic that is behind, and finds out from
// where the stream goes on. Nothing is left if it fails.
func (s *Session) enter(name string, h how) (*entry, error) {
	rule, match, err := s.allowed(name, canSubscribe)
	if err != nil {
		return nil, err
	}
	if err := s.askable(name, rule, h); err != nil {
		return nil, err
	}
	e := &entry{rule: rule, match: match, watch: h.presence && rule.Presence}
	err = s.server.join(s, name, func() (bool, error) {
		var err error
		e.held, err = s.server.engine.Hold(&s.conn, name, subscribedByClient)
		return e.held.Added, err
	})
	switch {
	case errors.Is(err, engine.ErrBehind):
		return nil, Errorf(CodeConflict, "You are being subscribed to %s already.", name)
	case err != nil:
		return nil, err
	}
	if err := s.prepare(e, name, h); err != nil {
		if e.held.Added {
			s.server.leave(s, name)
		} else {
			e.after, e.answer = e.held.Seq, protocol.Subscribed{}
			s.goLive(e) // it was subscribed before, and still is
		}
		return nil, err
	}
	return e, nil
}

// askable refuses what a subscription cannot have.
func (s *Session) askable(name string, rule *Rule, h how) error {
	if topic.IsWildcard(name) && (h.since != nil || h.last > 0 || h.presence) {
		return Errorf(CodeBadRequest, "A wildcard has no position and no presence: leave out since, last and presence.")
	}
	if _, already := s.conn.Flags(name); already {
		if h.since != nil || h.last > 0 {
			return Errorf(CodeConflict, "You are subscribed to %s already: unsubscribe first, or leave out since and last.", name)
		}
		return nil
	}
	if most := s.server.opts.Limits.Subscriptions; most > 0 && s.subscriptions() >= most {
		s.server.refusedSubs.Add(1)
		return Errorf(CodeTooLarge, "You have all the subscriptions you may have: Limits.Subscriptions is %d.", most)
	}
	return nil
}

// subscriptions returns how many topics the session is subscribed to.
func (s *Session) subscriptions() int {
	n := s.conn.Subscriptions()
	if x := s.extra.Load(); x != nil {
		n -= int(x.watched.Load())
	}
	return n
}

// prepare fills in the answer.
func (s *Session) prepare(e *entry, name string, h how) error {
	if err := s.locate(e, name, h); err != nil {
		return err
	}
	recovered := e.answer.Recovered != nil && *e.answer.Recovered
	if e.rule.Snapshot != nil && !recovered {
		if err := s.snapshot(e, name); err != nil {
			return err
		}
	}
	if e.watch {
		return s.watchPresence(e, name)
	}
	return nil
}

// locate finds out from which position the stream goes on.
func (s *Session) locate(e *entry, name string, h how) error {
	if !e.rule.History.On() {
		if h.since != nil {
			e.answer.Recovered, e.answer.Lost = new(bool), true
		}
		return nil
	}
	q := broker.Query{}
	if h.last > 0 {
		q = broker.Query{Newest: true, Limit: min(h.last, mostHistory)}
	}
	page, err := s.server.history(name, e.rule, q)
	if err != nil {
		return err
	}
	a := &e.answer
	a.HasPosition, a.HasHead, a.Epoch, a.Head, a.Seq = true, true, page.Epoch, page.Seq, page.Seq
	switch {
	case h.since != nil:
		locateSince(a, &page, h.since)
	case len(page.Publications) > 0:
		a.Seq = page.Publications[0].Seq - 1
	default:
		// What came since the subscription is behind is kept for it, and for nobody else: a
		// wildcard of the session's leaves it out, and what it was before is no more.
		if first := e.held.First(); first != 0 {
			a.Seq, e.kept = min(a.Seq, first-1), true
		}
	}
	e.after = a.Seq
	return nil
}

// locateSince compares what a client has with what there is.
func locateSince(a *protocol.Subscribed, page *broker.Page, since *protocol.Position) {
	recovered := false
	a.Recovered = &recovered
	switch {
	case since.Epoch != page.Epoch || since.Seq > page.Seq:
		a.Lost, a.Seq = true, page.Floor
	case since.Seq < page.Floor:
		a.Lost, a.LostFrom, a.LostTo, a.Seq = true, since.Seq+1, page.Floor, page.Floor
	default:
		recovered, a.Seq = true, since.Seq
	}
}

// snapshotTries is how often a Snapshot is called of a topic without history, if too
// much was published meanwhile.
const snapshotTries = 3

// snapshot calls the rule's Snapshot. What the topic has until now is in it; what comes
// after is kept for the subscription, which is behind, or is in the history.
func (s *Session) snapshot(e *entry, name string) error {
	e.answer.Lost = false
	e.after, e.answer.Seq = e.answer.Head, e.answer.Head
	for try := 0; ; try++ {
		v, err := e.rule.Snapshot(s.Context(), s, e.match)
		if err != nil {
			return s.refusal(err, CodeInternal, "make a snapshot of "+name)
		}
		if e.rule.History.On() || e.held.Whole() {
			e.answer.Snapshot, err = marshal(v)
			return err
		}
		if try == snapshotTries {
			return Errorf(CodeUnavailable, "Too much is published to %s while its snapshot is made. Try again later.", name)
		}
		e.held.Restart()
	}
}

// watchPresence subscribes the session to the topic's presence events, and lists who is
// there.
func (s *Session) watchPresence(e *entry, name string) error {
	held, err := s.server.engine.Hold(&s.conn, presencePrefix+name, 0)
	if err != nil {
		return err
	}
	e.events = held
	if held.Added {
		s.more().watched.Add(1)
	}
	e.answer.Members, e.answer.Count, err = s.server.members(name, e.rule.PresenceLimit)
	if err != nil && held.Added {
		s.unwatchPresence(name)
	}
	return err
}

// unwatchPresence ends the session's subscription to the topic's presence events.
func (s *Session) unwatchPresence(name string) {
	if removed, _ := s.server.engine.Unsubscribe(&s.conn, presencePrefix+name); removed {
		s.more().watched.Add(-1)
	}
}

// goLive brings subscriptions up to date whose answer is sent.
func (s *Session) goLive(entries ...*entry) {
	var lags []*lag
	for _, e := range entries {
		if e.events.Valid() {
			for e.events.CatchUp(engine.Catch{Most: allOfThem}) == engine.Holed {
				e.events.Restart() // of a crowd this large there are counts, of which the next will do
			}
		}
		l := &lag{held: e.held, rule: e.rule, epoch: e.answer.Epoch, after: e.after}
		if e.held.Added && !e.kept && e.after < e.answer.Head {
			lags = append(lags, l)
			continue
		}
		to := l.catch(s)
		if !e.held.Added || !e.rule.History.On() {
			to.Most = allOfThem
		}
		switch l.held.CatchUp(to) {
		case engine.Late:
			lags = append(lags, l)
		case engine.Holed:
			if !e.rule.History.On() {
				s.tooMuchMeanwhile(l.held.Topic())
				continue
			}
			l.held.Restart() // what is not kept is in the history
			lags = append(lags, l)
		}
	}
	if len(lags) > 0 {
		s.catcher().add(lags...)
	}
}

// allOfThem is a Catch.Most without limit.
const allOfThem = int(^uint(0) >> 1)

// tooMuchMeanwhile closes a session that cannot be brought up to date, since there is no
// history: it comes back and asks again.
func (s *Session) tooMuchMeanwhile(name string) {
	s.server.log.Warn("live: too much was published to a topic without history while a session was being subscribed", "session", s.ID(), "topic", name)
	const reason = "too much was published meanwhile"
	s.conn.Close(CloseTooSlow, reason, &CloseError{CloseTooSlow, reason, ErrTooSlow})
}
