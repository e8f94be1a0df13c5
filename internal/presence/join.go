package presence

import (
	"bytes"
	"context"

	"github.com/livetopics/live/broker"
)

// Join makes the session one of the user's on the topic, and the user a member with
// this info: JSON, or nil for null. A repeat changes nothing; with another user or
// info it is an Update. The session is any comparable value, best a pointer. More
// members than limit are a crowd; 0 or less is no limit.
//
// Join blocks until the broker knows of the user, which for a further session, or
// one that comes within the grace, it does already. Its error is the broker's, the
// context's, or broker.ErrClosed after Close; then the session has not joined. Calls
// for one session should come one after the other, but for Leave, which may come at
// any time: one of two Joins that fails takes back the other.
func (t *Tracker) Join(ctx context.Context, topic string, limit int, session any, user string, info []byte) error {
	s := t.stripe(topic)
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.closed.Load() {
		return broker.ErrClosed
	}
	r := s.roll(topic)
	r.limit = limit
	return t.place(ctx, r, session, user, info)
}

// Update changes the info that the session gives its user, or even the user: then the
// session leaves the one at once and joins as the other. For a session that has not
// joined it does nothing. It blocks as Join does. After an error the info is told
// again later, in the background, but the session that should join as another user
// has not joined at all.
func (t *Tracker) Update(ctx context.Context, topic string, session any, user string, info []byte) error {
	s := t.stripe(topic)
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.closed.Load() {
		return broker.ErrClosed
	}
	m := s.seated(topic, session)
	if m == nil {
		return nil
	}
	return t.place(ctx, m.roll, session, user, info)
}

// place gives the session to the user. The stripe is locked before and after.
func (t *Tracker) place(ctx context.Context, r *roll, session any, user string, info []byte) error {
	s := r.stripe
	m := s.sessions[seat{r, session}]
	if m != nil && m.user == user {
		m.set(info)
		return t.settle(ctx, m, false)
	}
	before := m
	if before != nil {
		s.detach(before, session)
	}
	m = s.attach(r, session, user)
	was := m.info
	m.set(info)
	if before != nil {
		// A failure is repeated in the background, and is no reason not to join.
		if err := t.settle(ctx, before, false); err != nil {
			t.failedUnlocked(r, err)
		}
	}
	err := t.settle(ctx, m, false)
	if err != nil && s.sessions[seat{r, session}] == m {
		s.detach(m, session)
		if bytes.Equal(m.info, info) {
			m.set(was)
		}
		t.rest(m)
	}
	return err
}

// failedUnlocked reports an error without the lock.
func (t *Tracker) failedUnlocked(r *roll, err error) {
	r.stripe.mu.Unlock()
	defer r.stripe.mu.Lock()
	t.opts.Failed(r.topic, err)
}

// Leave takes the session from the topic. It does not block on the broker: when the
// user has no other session here, and none comes within the grace, the broker is told
// in the background. A session that has not joined is no matter.
func (t *Tracker) Leave(topic string, session any) {
	s := t.stripe(topic)
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.seated(topic, session); m != nil {
		s.detach(m, session)
		t.rest(m)
	}
}

// rest begins the grace of a member that has lost a session, if it was the last.
func (t *Tracker) rest(m *member) {
	m.grace = m.sessions == 0 && (m.registered || m.busy)
	t.plan(m)
}
