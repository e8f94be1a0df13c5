package presence

import (
	"time"

	"github.com/livetopics/live/broker"
)

// What is due later, beside Grace and CountEvery.
const (
	defaultGrace      = 10 * time.Second
	defaultCountEvery = time.Second
	numberAfter       = time.Second     // a number of sessions is told to the broker
	retryAfter        = 5 * time.Second // a call that failed is made again
	callTimeout       = 5 * time.Second // a call in the background
)

// Options are given to New and not changed afterwards. Broker is required.
type Options struct {
	// Broker holds the registrations of all nodes.
	Broker broker.Broker

	// Grace is how long a user without sessions is still a member. 0 is 10 s,
	// negative is none.
	Grace time.Duration

	// CountEvery is the least time between two Counts of a topic, and how long a
	// number that the broker gave is believed. 0 is 1 s.
	CountEvery time.Duration

	// Announce is told each event, in the topic's order: by many goroutines, but
	// for one topic never by two at once. It must not block nor call this
	// package, which holds a lock meanwhile. Nil is allowed.
	Announce func(topic string, ev Event)

	// Limit says how many members of a topic are no crowd yet, for Tend, which learns
	// of topics that have no members here; 0 or less is no limit. It must not block nor
	// call this package. Nil is no limit.
	Limit func(topic string) int

	// Failed is told that a broker call failed whose error nobody else gets; such
	// a call is repeated after 5 s where it matters. It may block, which delays
	// the work in the background. Nil is allowed.
	Failed func(topic string, err error)
}

// withDefaults fills in what is left out.
func (o Options) withDefaults() Options {
	if o.Grace == 0 {
		o.Grace = defaultGrace
	}
	o.Grace = max(o.Grace, 0)
	if o.CountEvery <= 0 {
		o.CountEvery = defaultCountEvery
	}
	if o.Announce == nil {
		o.Announce = func(string, Event) {}
	}
	if o.Limit == nil {
		o.Limit = func(string) int { return 0 }
	}
	if o.Failed == nil {
		o.Failed = func(string, error) {}
	}
	return o
}
