package memory

import (
	"context"

	"github.com/livetopics/live/broker"
)

// Join says that the user is there, with this info, which is copied, and so many
// sessions. Errors: ErrClosed, or that of a context which has ended already.
func (b *Broker) Join(ctx context.Context, topic string, m broker.Member) (broker.Change, error) {
	if err := b.check(ctx); err != nil {
		return broker.Unchanged, err
	}
	s, err := b.lock(topic)
	if err != nil {
		return broker.Unchanged, err
	}
	defer s.mu.Unlock()
	t := b.topic(s, topic)
	if t.members == nil {
		t.members, t.idle = new(roster), 0
	}
	return t.members.set(m), nil
}

// Leave says that the user is there no more. Errors: ErrClosed, or that of a
// context which has ended already.
func (b *Broker) Leave(ctx context.Context, topic, user string) (broker.Change, error) {
	if err := b.check(ctx); err != nil {
		return broker.Unchanged, err
	}
	s, err := b.lock(topic)
	if err != nil {
		return broker.Unchanged, err
	}
	defer s.mu.Unlock()
	t := s.topics[topic]
	if t == nil || t.members == nil {
		return broker.Unchanged, nil
	}
	change := t.members.remove(user)
	if t.members.first == nil {
		t.members = nil
		b.review(s, t, clock())
		b.sweeper.by(s.due())
	}
	return change, nil
}

// Members returns who is there, limit of them at most, and how many they are.
// Their Info must not be written to. Errors: ErrClosed, or that of a context
// which has ended already.
func (b *Broker) Members(ctx context.Context, topic string, limit int) (broker.Members, error) {
	if err := b.check(ctx); err != nil {
		return broker.Members{}, err
	}
	s, err := b.lock(topic)
	if err != nil {
		return broker.Members{}, err
	}
	defer s.mu.Unlock()
	if t := s.topics[topic]; t != nil && t.members != nil {
		return t.members.list(limit), nil
	}
	return broker.Members{}, nil
}
