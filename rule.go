package live

import (
	"context"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/internal/engine"
	"github.com/livetopics/live/internal/topic"
)

// Rule says what holds on the topics of a pattern: who may do what, what is
// remembered, who is shown as present, and what happens to a slow reader. The zero
// Rule lets no client subscribe or publish.
type Rule struct {
	// CanSubscribe decides which sessions may subscribe by the operation, and read
	// history and presence. An error refuses; nil is Nobody.
	CanSubscribe Check

	// CanPublish decides which sessions may publish by the operation. An error
	// refuses; nil is Nobody.
	CanPublish Check

	// Accept sees what a client publishes, and may refuse it with an error or return
	// what is published in its place; nil, nil keeps the data.
	Accept func(ctx context.Context, s *Session, t Match, data []byte) ([]byte, error)

	// History is what the topic remembers, for clients that come back or join late.
	// With it publications are numbered.
	History History

	// Presence shows which users are subscribed.
	Presence bool

	// PresenceLimit is how many members are listed, and told of one by one; 100 by
	// default. Of a larger crowd clients get a count, and a sample of this size.
	PresenceLimit int

	// Overflow is what happens to a session that reads too slowly.
	Overflow Overflow

	// Snapshot returns the topic's state as something encoding/json takes. A client
	// that subscribes gets it with the answer, and then exactly what was published
	// after the moment before it was called. Without History no more than about
	// 30,000 publications may come while it runs: else it is called again.
	Snapshot func(ctx context.Context, s *Session, t Match) (any, error)
}

// Check decides whether a session may do something on a topic: nil is yes. An error
// made with Errorf reaches the client; any other is logged, and the client is told
// forbidden.
type Check func(ctx context.Context, s *Session, t Match) error

// Anyone is a Check that lets every session.
func Anyone(context.Context, *Session, Match) error { return nil }

// Nobody is a Check that lets none.
func Nobody(_ context.Context, _ *Session, t Match) error {
	return Errorf(CodeForbidden, "Nobody may do this on %s.", t.Topic)
}

// Match is a topic and the pattern whose rule holds for it.
type Match struct {
	Topic   string // the topic itself, or the wildcard that a client subscribes to
	pattern topic.Pattern
}

// Param returns what {name} stands for in the topic: the 42 of chat:42 for the
// pattern chat:{room}. It is empty if the pattern has no such parameter, and for
// wildcards.
func (m Match) Param(name string) string { return m.pattern.Param(m.Topic, name) }

// History is what a topic remembers: at most Size publications, none older than Age;
// an Age of 0 sets no limit. The zero History is none.
type History = broker.History

// Overflow is what happens on a topic to a session that does not take what is sent to
// it, once more than Options.QueueSize messages or Limits.QueueBytes wait for it.
type Overflow uint8

const (
	// Disconnect closes the session with code 4008: it comes back and recovers.
	Disconnect = Overflow(engine.Disconnect)
	// DropOldest drops the oldest publications that wait, and says so with a gap
	// event in their place.
	DropOldest = Overflow(engine.DropOldest)
	// KeepLatest keeps, as soon as anything waits, only the newest publication of
	// each key; those without a key count as one. If the topic has history, a gap
	// event tells of those that were dropped. If there are more keys than may wait,
	// the session is closed as by Disconnect.
	KeepLatest = Overflow(engine.KeepLatest)
	// Replay drops what waits, and sends it from history once the session reads
	// again. It needs History.
	Replay = Overflow(engine.Replay)
)

// defaultPresenceLimit is Rule.PresenceLimit's default.
const defaultPresenceLimit = 100

// check asks a Check of a rule.
func (c Check) check(ctx context.Context, s *Session, m Match) error {
	if c == nil {
		c = Nobody
	}
	return c(ctx, s, m)
}
