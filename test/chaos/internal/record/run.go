package record

import (
	"fmt"
	"time"
)

// Position is a place in a topic's history. The zero Position is that of a topic without
// one.
type Position struct {
	Epoch string // what numbers compare within
	Seq   uint64 // grows within it
}

// String is epoch and number.
func (p Position) String() string { return fmt.Sprintf("%s/%d", p.Epoch, p.Seq) }

// Outcome is what a publisher knows of a publication.
type Outcome uint8

// The outcomes of an Attempt.
const (
	Unknown  Outcome = iota // it may have been made, once
	Accepted                // it was made
	Refused                 // it was not made, and never will be
)

// Attempt is one publication, repeats of it under the same dedup included.
type Attempt struct {
	ID      ID            // of no other attempt
	Topic   string        // where it was published
	Outcome Outcome       // as far as its publisher knows
	At      Position      // where Accepted, on a topic with history
	Sent    time.Duration // when it was published first
	Done    time.Duration // when it was answered; both since the run began
	By      string        // by which way, for people
}

// String says all of it in a line.
func (a *Attempt) String() string {
	outcome := [...]string{"unknown", "accepted at " + a.At.String(), "refused"}[a.Outcome]
	return fmt.Sprintf("%s on %s by %s, sent %s, %s %s", a.ID, a.Topic, a.By, round(a.Sent), outcome, round(a.Done))
}

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

// Event is one thing in a stream.
type Event struct {
	// ID is which publication came; 0 says that the subscriber was told of a loss here.
	ID ID

	// At is the position after it. A loss in another epoch than before is all of the
	// old one that had not come, and what the new one had up to there.
	At Position

	// From is the first number that a loss within an epoch is of; 0 is the one after
	// the last.
	From uint64

	When time.Duration // since the run began
}

// Stream is what one subscriber got of one topic, over all its connections.
type Stream struct {
	Who   string        // the subscriber, for people
	Topic string        // what it subscribed to
	Began Position      // the next one is the one after this
	Since time.Duration // when it began
	Live  bool          // it was there to the end, when all was quiet
	Plain bool          // the topic has no history, and numbers nothing
	Lossy bool          // the topic keeps so little that a loss may be announced

	// Moves are when its subscriber went from one node to another without a break: what
	// has no number may come from both then.
	Moves [][2]time.Duration

	Events  []Event  // in the order they came
	Strange []string // what came that is no publication of a run
}

// name says which stream it is.
func (s *Stream) name() string { return s.Who + " on " + s.Topic }

// Run is all of a run.
type Run struct {
	Attempts []Attempt           // of all publishers
	Streams  []*Stream           // of all subscribers, and histories that were read
	Heads    map[string]Position // of each topic with history, when all was quiet

	// MayLose says that the broker may lose what it has accepted: losses may be
	// announced, and epochs change. Nothing may be missing without a word even so.
	MayLose bool

	// PlainOrder says that topics without history have one order too.
	PlainOrder bool
}
