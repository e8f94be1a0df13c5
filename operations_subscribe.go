package live

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/internal/engine"
	"github.com/livetopics/live/internal/protocol"
	"github.com/livetopics/live/internal/topic"
)

// entry is one topic on the way to being subscribed to: its subscription is behind
// until the answer is sent, and then brought up to date like any other that is.
type entry struct {
	name string
	how  how
	err  error // why it is not; then all else is of no matter

	rule   *Rule
	match  Match
	held   engine.Held
	events engine.Held  // to the topic's presence events, if asked for
	watch  bool         // it was asked for
	again  bool         // the client has subscribed to it before, and so has all that the engine says it has
	kept   bool         // what is between after and the head is kept
	page   *broker.Page // of the history, read before the answer
	first  bool         // page is that of what comes after since
	after  uint64       // the stream goes on after this one
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
		e := &entry{name: op.Topic, how: how{op.Since, op.Last, op.Presence}}
		if s.enter(e); e.err != nil {
			return nil, nil, e.err
		}
		return protocol.AppendSubscribed(nil, &e.answer), func() { s.goLive(e) }, nil
	}
	entries := make([]*entry, len(op.Topics))
	for i, t := range op.Topics {
		entries[i] = &entry{name: t.Topic, how: how{t.Since, op.Last, op.Presence}}
	}
	s.enter(entries...)
	result := []byte(`{"topics":{`)
	for i, e := range entries {
		if i > 0 {
			result = append(result, ',')
		}
		result = append(protocol.AppendString(result, e.name), ':')
		if e.err != nil {
			refused := s.refusal(e.err, CodeInternal, "subscribe to "+e.name)
			result = protocol.AppendRefusal(result, nil, refused.Code, refused.Message)
			continue
		}
		result = protocol.AppendSubscribed(result, &e.answer)
	}
	entries = slices.DeleteFunc(entries, func(e *entry) bool { return e.err != nil })
	return append(result, `}}`...), func() { s.goLive(entries...) }, nil
}

// enter makes the session a subscriber of topics that is behind, and finds out from
// where each stream goes on. Nothing is left of those for which it fails. Rules are asked
// one after the other; a broker elsewhere is asked many things at once.
func (s *Session) enter(entries ...*entry) {
	admitted := 0
	for _, e := range entries {
		var news bool
		if news, e.err = s.admit(e, admitted); news {
			admitted++
		}
	}
	release := s.foresee(entries)
	for _, e := range entries {
		if e.err == nil {
			e.err = s.hold(e)
		}
	}
	release()
	each := func(f func(*entry) error, failed func(*entry)) {
		s.server.together(entries, func(e *entry) {
			if e.err != nil {
				return
			}
			if e.err = f(e); e.err != nil {
				failed(e)
			}
		})
	}
	each(s.readHistory, s.backOut)
	for _, e := range entries {
		if e.err == nil {
			if e.err = s.prepare(e); e.err != nil {
				s.backOut(e)
			}
		}
	}
	each(s.watchPresence, s.backOut)
}

// admit asks the rule whether the session may subscribe, and whether it can have what it
// asks for. others is how many more will be subscribed to by then. It reports whether
// this one will be one more.
func (s *Session) admit(e *entry, others int) (news bool, err error) {
	if e.rule, e.match, err = s.allowed(e.name, canSubscribe); err != nil {
		return false, err
	}
	e.watch = e.how.presence && e.rule.Presence
	return s.askable(e, others)
}

// hold makes the session a subscriber that is behind.
func (s *Session) hold(e *entry) error {
	err := s.server.join(s, e.name, func() (bool, error) {
		var err error
		e.held, err = s.server.engine.Hold(&s.conn, e.name, subscribedByClient)
		return e.held.Added, err
	})
	if errors.Is(err, engine.ErrBehind) {
		return Errorf(CodeConflict, "You are being subscribed to %s already.", e.name)
	}
	return err
}

// backOut undoes hold.
func (s *Session) backOut(e *entry) {
	if e.held.Added {
		s.server.leave(s, e.name)
		return
	}
	e.after, e.answer = e.held.Seq, protocol.Subscribed{}
	s.goLive(e) // it was subscribed before, and still is
}

// askable refuses what a subscription cannot have.
func (s *Session) askable(e *entry, others int) (news bool, err error) {
	name, h := e.name, e.how
	if topic.IsWildcard(name) && (h.since != nil || h.last > 0 || h.presence) {
		return false, Errorf(CodeBadRequest, "A wildcard has no position and no presence: leave out since, last and presence.")
	}
	if flags, already := s.conn.Flags(name); already {
		e.again = flags&subscribedByClient != 0
		if h.since != nil || h.last > 0 {
			return false, Errorf(CodeConflict, "You are subscribed to %s already: unsubscribe first, or leave out since and last.", name)
		}
		return false, nil
	}
	if most := s.server.opts.Limits.Subscriptions; most > 0 && s.subscriptions()+others >= most {
		s.server.refusedSubs.Add(1)
		return false, Errorf(CodeTooLarge, "You have all the subscriptions you may have: Limits.Subscriptions is %d.", most)
	}
	return true, nil
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
func (s *Session) prepare(e *entry) error {
	e.locate()
	recovered := e.answer.Recovered != nil && *e.answer.Recovered
	if e.rule.Snapshot != nil && !recovered {
		return s.snapshot(e, e.name)
	}
	return nil
}

// readHistory reads what the answer needs to know of the topic's history.
func (s *Session) readHistory(e *entry) error {
	if !e.rule.History.On() {
		return nil
	}
	q := broker.Query{}
	switch h := e.how; {
	case h.last > 0:
		q = broker.Query{Newest: true, Limit: min(h.last, mostHistory)}
	case h.since != nil && !s.server.local:
		// Another round trip less for each topic, where little was missed of many.
		q = broker.Query{Since: h.since.Seq, Limit: fewMissed, MaxBytes: fewBytes}
		e.first = true
	}
	for try := 0; ; try++ {
		page, err := s.readOnce(e, q)
		if err != nil {
			return brokerError(err)
		}
		e.page = &page
		if try == staleTries || s.server.local || !e.how.isPast(&page) {
			return nil
		}
		// A server of the broker's that is behind may have answered, as when another
		// begins to lead.
		s.catcher().pause(staleWait)
	}
}

// How often a history is read again that is behind what the client has of it.
const (
	staleTries = 10
	staleWait  = 100 * time.Millisecond
)

// isPast reports whether the page is older than the position that the client has.
func (h *how) isPast(page *broker.Page) bool {
	return h.since != nil && h.since.Epoch == page.Epoch && h.since.Seq > page.Seq
}

func (s *Session) readOnce(e *entry, q broker.Query) (broker.Page, error) {
	ctx, cancel := s.server.brokerContext(context.Background())
	defer cancel()
	return s.server.readFor(ctx, e.name, e.rule.History, q)
}

// What is read of a history before the answer, where it may be all that was missed.
const (
	fewMissed = 32
	fewBytes  = 4 << 10
)

// locate finds out from which position the stream goes on.
func (e *entry) locate() {
	a, page := &e.answer, e.page
	if page == nil {
		if e.how.since != nil {
			a.Recovered, a.Lost = new(bool), true
		}
		return
	}
	a.HasPosition, a.HasHead, a.Epoch, a.Head, a.Seq = true, true, page.Epoch, page.Seq, page.Seq
	switch {
	case e.how.since != nil:
		locateSince(a, page, e.how.since)
		if *a.Recovered && e.first && len(page.Publications) == 0 {
			a.Seq = a.Head // there is nothing between
		}
	case len(page.Publications) > 0:
		a.Seq = page.Publications[0].Seq - 1
	case !e.held.Added && (e.held.Seq != 0 || e.again):
		// It goes on where it is: what the history has beyond is on its way.
		a.Seq, e.kept = e.held.Seq, true
	default:
		// What came since the subscription is behind is kept for it, and for nobody else: a
		// wildcard of the session's leaves it out, and what it was before is no more.
		if first := e.held.First(); first != 0 {
			a.Seq, e.kept = min(a.Seq, first-1), true
		}
	}
	e.after = a.Seq
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

// watchPresence subscribes the session to the topic's presence events, if it asked for
// them, and lists who is there.
func (s *Session) watchPresence(e *entry) error {
	if !e.watch {
		return nil
	}
	name := e.name
	events := presencePrefix + name
	err := s.server.join(s, events, func() (bool, error) {
		var err error
		e.events, err = s.server.engine.Hold(&s.conn, events, 0)
		return e.events.Added, err
	})
	if err != nil {
		return err
	}
	if e.events.Added {
		s.more().watched.Add(1)
	}
	e.answer.Members, e.answer.Count, err = s.server.members(name, e.rule.PresenceLimit)
	if err != nil && e.events.Added {
		s.unwatchPresence(name)
	}
	return err
}

// unwatchPresence ends the session's subscription to the topic's presence events.
func (s *Session) unwatchPresence(name string) {
	if removed, _ := s.server.quit(s, presencePrefix+name, nil); removed {
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
		l := &lag{held: e.held, rule: e.rule, epoch: e.answer.Epoch, after: e.after, page: e.missed()}
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
