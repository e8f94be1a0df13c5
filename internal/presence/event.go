package presence

import "github.com/livetopics/live/broker"

// Event says what changed on a topic.
type Event struct {
	Kind   Kind          // what happened
	Member broker.Member // for Join, Leave and Update; its Info must not be written to
	Count  int           // for Count: how many members there are
}

// Kind is what an Event is about.
type Kind uint8

// The kinds of events.
const (
	Join   Kind = iota + 1 // a user came
	Leave                  // a user has gone
	Update                 // a member's info changed
	Count                  // the number of members of a crowd changed
)

func (k Kind) String() string {
	switch k {
	case Join:
		return "join"
	case Leave:
		return "leave"
	case Update:
		return "update"
	case Count:
		return "count"
	}
	return "unknown"
}
