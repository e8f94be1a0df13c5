package broker

import (
	"context"
	"time"
)

// Position is a place in a topic's history. Sequence numbers compare only
// within one epoch: another epoch means that the history was lost and begun
// anew. The zero Position is that of a topic without history.
type Position struct {
	Epoch string // some short text; compare it for equality alone
	Seq   uint64 // grows within the epoch, below 2^53
}

// History says what a topic keeps: Size publications at most, none older than
// Age. The zero History keeps nothing, and its publications are not numbered.
type History struct {
	Size int           // above 0 for a topic with history
	Age  time.Duration // 0: no limit by age

	// Name is what brokers that keep topics together call where this one is kept.
	// Package live sets it to the pattern of the rule, unless the rule has one; a
	// rule whose pattern changes keeps its histories by keeping the name. All nodes
	// must use the same. At most 255 bytes; "" is a name too.
	Name string
}

// On reports whether there is a history.
func (h History) On() bool { return h.Size > 0 }

// Message is what is to be published.
type Message struct {
	Topic   string  // never a wildcard
	Key     string  // the thing it is about, which goes along; "" for none
	Dedup   string  // a repeat is accepted once; the caller has scoped it to its sender; "" for none
	Origin  string  // who must not get it back; "" if all may
	Data    []byte  // copied before Publish returns
	Sent    []byte  // what a repeat has to be equal in, beside the key; nil: Data
	History History // the topic's, the same each time
}

// Publication is what was published.
type Publication struct {
	Seq    uint64 // 0 where the topic has no history
	At     int64  // Unix time in milliseconds; 0 where the topic has no history
	Key    string // as in the Message
	Origin string // as in the Message
	Data   []byte // never changed after

	// Lost, if not 0, says that this is no publication but a notice, for Deliver
	// alone: those numbered from Lost to Seq could not be delivered, and are not
	// in the history any more.
	Lost uint64
}

// Deliver is called for each publication of a followed topic, in the topic's
// order, one at a time for each topic, by a goroutine of the broker's or by
// that of Publish. It must not call the broker. It may wait while this node is far
// behind with what was delivered, and for nothing else: whoever is held up so keeps
// a bounded amount, and reads the rest from the history. The publication is valid only during the call. Its Data may be kept for ever
// and must not be written to, except where the broker's own documentation
// says less.
//
// On a topic with history that is followed by its own name nothing is left out,
// however long a node was cut off: what came meanwhile is read from the history
// and delivered first, or a notice says what is gone. Another epoch than before
// says that the history was lost; what the new one has is delivered from its
// beginning, as far as it is still there.
type Deliver func(topic, epoch string, p *Publication)

// Open makes a broker which reports to the given function.
type Open func(Deliver) (Broker, error)

// Query asks for one page of a topic's history, always oldest first.
type Query struct {
	Since    uint64 // those after this one; 0 is from the beginning
	Before   uint64 // instead of Since: the newest ones before this one; 0 is absent
	Newest   bool   // instead of either: the newest Limit
	Limit    int    // so many publications at most; 0 asks for the position alone
	MaxBytes int    // of data: the page ends early after this many, yet has one if there is one; 0 is no limit
}

// Page is the answer to a Query.
type Page struct {
	Position                   // the epoch, and the newest publication there ever was: 0 if none
	Floor        uint64        // the newest that is gone: all after it is there; 0 if none is gone
	Publications []Publication // oldest first; their Data must not be written to
}

// Member is one user present on a topic.
type Member struct {
	User     string // what tells users apart
	Info     []byte // JSON; nil is null
	Sessions int    // how many sessions the user has there
}

// Change says what a Join or a Leave did to who is present.
type Change uint8

// What Join and Leave answer.
const (
	Unchanged Change = iota // as before, for all others to see
	Joined                  // the user was on no node before
	Updated                 // the user was there with other Info
	Left                    // the user is on no node any more
)

// Members is who is present on a topic. List may be a sample; Count counts all.
type Members struct {
	List  []Member // in order of joining
	Count int
}

// Moved is a change of presence that no Join or Leave has told anybody of: on Topic,
// Member joined or left, as Change says.
type Moved struct {
	Topic  string
	Member Member
	Change Change
}

// How presence is kept true where a node may die.
const (
	// TendEvery is how often Tend is to be called.
	TendEvery = 3 * time.Second
	// Lease is how long a node is believed to live that does not call Tend, by
	// default.
	Lease = 5 * TendEvery
)

// Broker keeps and spreads publications. Its methods may be called by many
// goroutines at once. Those with a context may block on a server until the
// context ends, and then return its error. All of them but Err return ErrClosed
// after Close, and ErrUnavailable where a server does not answer. Those that were
// unavailable for more than a moment say so at once, rather than when the context
// ends; they find back by themselves.
type Broker interface {
	// Prepare says that topics with this history will be used, and makes what they
	// need. It returns ErrUnsupported if the broker cannot keep histories, or not
	// this one. While the servers do not answer it returns nil: what is needed is
	// made later.
	Prepare(ctx context.Context, h History) error

	// Publish accepts a message, and returns its position once it will not be
	// lost short of the loss of the broker. A topic without history has the
	// zero Position. A message with the Dedup of an earlier one returns the
	// earlier one's position and is not published again; with other data or
	// another key the error is ErrConflict. ErrTooLarge: beyond the broker's
	// limit.
	Publish(ctx context.Context, m *Message) (Position, error)

	// Follow asks that Deliver be called for what is published on the topic
	// after Follow returns. Brokers between nodes take wildcards also
	// ("orders:*", "orders:**"), which follow topics with and without history. A
	// repeat changes nothing, and what is followed by its name and by wildcards is
	// delivered once.
	Follow(ctx context.Context, topic string, h History) error

	// Unfollow ends what Follow began. A delivery under way may still arrive.
	Unfollow(topic string) error

	// History returns one page. All that Publish acknowledged before is in it,
	// unless it has expired or made room for newer ones.
	History(ctx context.Context, topic string, h History, q Query) (Page, error)

	// Join sets this node's registration of the user on the topic: Joined if
	// no node had it, Updated if its Info changed, else Unchanged.
	Join(ctx context.Context, topic string, m Member) (Change, error)

	// Leave ends this node's registration of the user: Left if no other node
	// has the user, else Unchanged.
	Leave(ctx context.Context, topic, user string) (Change, error)

	// Members returns who is present, on all nodes: at most limit in List, in
	// order of joining, and the Count of all.
	Members(ctx context.Context, topic string, limit int) (Members, error)

	// Tend keeps presence true between nodes. It tells that this node lives; it
	// registers anew what others took away because they thought it dead; and it
	// ends the registrations of nodes that were not tended for their lease. What
	// changed thereby for all to see is returned, each change to one caller among
	// all nodes: Joined and Left.
	Tend(ctx context.Context) ([]Moved, error)

	// Err returns why the servers cannot be reached at this moment, or nil. It does
	// not block.
	Err() error

	// Close frees what the broker holds and waits for its goroutines, until
	// the context ends. After Close has returned nil, Deliver is called only by
	// a Publish that was under way already. Close again does the same.
	Close(ctx context.Context) error
}
