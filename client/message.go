package client

import (
	"encoding/json"
	"fmt"
)

// Kind says what a Message is.
type Kind uint8

// The kinds of messages.
const (
	// KindPublication: what was published to the topic, or what the program sent to this
	// client. Data, and Seq and Key where it has them.
	KindPublication Kind = iota
	// KindLost: after a reconnect, or after Since, the publications From to To are gone
	// for good. Both are 0 where that cannot be said: the history began anew, or the
	// topic has none.
	KindLost
	// KindGap: publications are missing here, since this client, or this program, read
	// too slowly: From to To, or Count of them. With an Epoch the topic's history was
	// lost, and what follows is of that new epoch.
	KindGap
	// KindSnapshot: after a reconnect, the topic's state in Data. What follows changes
	// that; what came before counts no more.
	KindSnapshot
	// KindMembers: after a reconnect, who is there now: Members and Count.
	KindMembers
	// KindJoin: Member has come.
	KindJoin
	// KindLeave: Member has gone.
	KindLeave
	// KindUpdate: what is shown of Member has changed.
	KindUpdate
	// KindCount: Count are there, too many to be told one by one.
	KindCount
)

var kinds = [...]string{"publication", "lost", "gap", "snapshot", "members", "join", "leave", "update", "count"}

// String names the kind in one word.
func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Message is one thing in what comes of a topic. Which fields it has depends on its Kind.
type Message struct {
	Kind      Kind
	Recovered bool            // a publication from before the last (re)subscription
	Topic     string          // of a wildcard's, the real one
	Data      json.RawMessage // one JSON value; the program may keep it
	Key       string          // what a publication is about; "" for nothing
	Seq       uint64          // a publication's number; 0 on topics without history
	Epoch     string          // of Seq; "" on topics without history, and of a wildcard's
	From, To  uint64          // the first and the last that is missing
	Count     uint64          // how many are missing, or there
	Member    *Member         // who it is about
	Members   []Member        // who is there

	after Position // where the stream is after it
}

// Position is where the stream is after this message: SubscribeOptions.Since goes on
// from there. It is zero on a topic without history.
func (m *Message) Position() Position { return m.after }

// Missing reports whether the message says that publications are missing here.
func (m *Message) Missing() bool { return m.Kind == KindLost || m.Kind == KindGap }

// Decode puts Data into v, as json.Unmarshal does.
func (m *Message) Decode(v any) error {
	if err := json.Unmarshal(m.Data, v); err != nil {
		return fmt.Errorf("client: decoding a message of %s: %w", m.Topic, err)
	}
	return nil
}

// Member is a user that is present on a topic.
type Member struct {
	User     string          `json:"user"`     // what tells users apart
	Info     json.RawMessage `json:"info"`     // what the program shows of the user; null if nothing
	Sessions int             `json:"sessions"` // how many sessions the user had there at that time
}

// overhead is what a message takes besides its text, about.
const overhead = 200

// size is what a message takes, in bytes.
func (m *Message) size() int {
	return overhead + len(m.Topic) + len(m.Data) + len(m.Key) + len(m.Members)*overhead
}
