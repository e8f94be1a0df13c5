package presence

import (
	"bytes"
	"context"

	"github.com/livetopics/live/broker"
)

// member is a user on a topic, as far as this node goes. What is wanted and what the
// broker was told are kept apart; settle brings them together.
type member struct {
	// Set once.
	entry entry // when it is looked at again
	roll  *roll
	user  string

	// What is wanted. Guarded by the stripe's lock, as is the rest.
	info     []byte // never written to
	sessions int32
	grace    bool // there are no sessions, and it is still a member

	// What the broker was told.
	told       int32         // the number of sessions
	registered bool          // and the others were: joins and leaves are announced as this changes
	dirty      bool          // info is another since
	unsure     bool          // the last call failed, and may have had its effect
	busy       bool          // a call is under way
	done       chan struct{} // closed after it; nil if nobody waits
}

func (m *member) wanted() bool { return m.sessions > 0 || m.grace }

// urgent reports that others do not see the member as they should.
func (m *member) urgent() bool {
	return m.unsure || m.registered != m.wanted() || m.registered && m.dirty
}

// settled reports that there is nothing to tell the broker.
func (m *member) settled() bool {
	return !m.busy && !m.urgent() && (m.sessions == 0 || m.told == m.sessions)
}

// gone reports that nobody knows the member any more.
func (m *member) gone() bool { return m.settled() && !m.registered }

// set changes the info.
func (m *member) set(info []byte) {
	if !bytes.Equal(m.info, info) {
		m.info = bytes.Clone(info)
		m.dirty = true
	}
}

// public is what others see.
func (m *member) public() broker.Member {
	return broker.Member{User: m.user, Info: m.info, Sessions: int(m.sessions)}
}

// await waits until the call under way has ended. The stripe is unlocked meanwhile.
func (m *member) await(ctx context.Context) error {
	if m.done == nil {
		m.done = make(chan struct{})
	}
	done := m.done
	m.roll.stripe.mu.Unlock()
	defer m.roll.stripe.mu.Lock()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
