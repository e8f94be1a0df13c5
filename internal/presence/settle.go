package presence

import (
	"context"

	"github.com/livetopics/live/broker"
)

// settle tells the broker what it does not know of the member, until it is done or a
// call fails; if all is false, the mere number of sessions can wait. The stripe is
// locked before and after, and unlocked during calls.
func (t *Tracker) settle(ctx context.Context, m *member, all bool) error {
	defer t.plan(m)
	for m.busy || m.urgent() || all && !m.settled() {
		var err error
		if m.busy {
			err = m.await(ctx)
		} else {
			err = t.tell(ctx, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// plan has the member looked at again when there is something to do.
func (t *Tracker) plan(m *member) {
	a := &t.agenda
	switch {
	case m.grace:
		a.keep(&m.entry, &a.graces)
	case m.busy: // who makes the call will plan
		a.remove(&m.entry)
	case m.settled():
		a.remove(&m.entry)
		if m.gone() {
			m.roll.stripe.forget(m)
		}
	case m.urgent():
		a.keep(&m.entry, &a.retries)
	default:
		a.keep(&m.entry, &a.numbers)
	}
}

// tell makes one broker call. The stripe is unlocked meanwhile.
func (t *Tracker) tell(ctx context.Context, m *member) error {
	r, s := m.roll, m.roll.stripe
	join := m.wanted()
	if m.unsure {
		join = m.registered // first make sure of what was announced
	}
	say := broker.Member{User: m.user, Info: m.info, Sessions: int(max(m.sessions, 1))}
	ask, at := join && !m.registered && t.stale(r), r.moment()
	dirty := m.dirty
	m.busy, m.dirty = true, false
	r.calls++
	r.flying++
	s.mu.Unlock()

	if ask {
		at.calls++ // our own, which begins after
		t.ask(ctx, r, at)
	}
	change, err := t.call(ctx, r.topic, say, join)

	s.mu.Lock()
	r.flying--
	if err != nil {
		m.unsure, m.dirty = true, m.dirty || dirty
	} else {
		t.apply(m, join, change, dirty)
		m.told = int32(say.Sessions)
	}
	m.busy = false
	if m.done != nil {
		close(m.done)
		m.done = nil
	}
	return err
}

func (t *Tracker) call(ctx context.Context, topic string, say broker.Member, join bool) (broker.Change, error) {
	if join {
		return t.broker.Join(ctx, topic, say)
	}
	return t.broker.Leave(ctx, topic, say.User)
}

// apply notes and announces what a call did. What the broker says counts only as far
// as it goes with what was announced: a Left of somebody who never joined, or a
// second Joined, comes from an earlier call that was thought to have failed.
func (t *Tracker) apply(m *member, join bool, change broker.Change, dirty bool) {
	was, unsure := m.registered, m.unsure
	m.registered, m.unsure = join, false
	switch {
	case join && !was && change == broker.Joined:
		t.moved(m, Join, 1)
	case join && (change == broker.Updated || was && unsure && dirty):
		t.moved(m, Update, 0)
	case !join && was && change == broker.Left:
		t.moved(m, Leave, -1)
	}
}
