package livetest

import (
	"encoding/json"
	"time"

	"github.com/livetopics/live"
)

// Subscribed is the answer to a subscription.
type Subscribed struct {
	Epoch     string          `json:"epoch"`     // of Seq and Head; empty on a topic without history
	Seq       uint64          `json:"seq"`       // the stream goes on after it
	Head      uint64          `json:"head"`      // the newest at that moment
	Recovered bool            `json:"recovered"` // all since Since is there; false without Since
	Lost      *Lost           `json:"lost"`      // what is not there any more; nil if nothing is known to be lost
	Snapshot  json.RawMessage `json:"snapshot"`  // what Rule.Snapshot returned; nil without one
	Members   []live.Member   `json:"members"`   // who is there, if WithPresence asked
	Count     int             `json:"count"`     // how many of them there are in all
}

// Position is where the stream goes on.
func (s Subscribed) Position() live.Position { return live.Position{Epoch: s.Epoch, Seq: s.Seq} }

// Lost is what a client cannot have any more: the publications From to To, both included
// and both 0 where that is not known, as in another epoch.
type Lost struct {
	From, To uint64
}

// HistoryQuery says which part of a history is wanted. The zero value asks for the newest
// 100 publications.
type HistoryQuery struct {
	Since  live.Position // what came after it; zero: not asked for
	Before uint64        // what came before this number; 0: not asked for
	Limit  int           // at most so many, the server's limit is 1,000; 0: 100
}

// History is a part of a topic's history.
type History struct {
	Epoch        string        `json:"epoch"`        // of the numbers
	Seq          uint64        `json:"seq"`          // the newest there is
	Publications []Publication `json:"publications"` // oldest first
}

// Publication is one of a History.
type Publication struct {
	Seq  uint64          // its number
	Data json.RawMessage // as it was accepted
	Key  string          // empty: none
	At   int64           // when it was accepted, in Unix milliseconds
}

// Time is At as a time.
func (p Publication) Time() time.Time { return time.UnixMilli(p.At) }

// History reads a part of a topic's history, the newest without a query.
func (c *Client) History(topic string, query ...HistoryQuery) History {
	c.t.Helper()
	h, refusal := c.TryHistory(topic, query...)
	c.must(refusal, "history of %s", topic)
	return h
}

// TryHistory is History, and returns the refusal, nil if there is none.
func (c *Client) TryHistory(topic string, query ...HistoryQuery) (History, *live.Error) {
	c.t.Helper()
	m := members{"topic": topic}
	for _, q := range query {
		if q.Since != (live.Position{}) {
			Since(q.Since)(m)
		}
		if q.Before != 0 {
			m["before"] = q.Before
		}
		if q.Limit != 0 {
			m["limit"] = q.Limit
		}
	}
	return answer[History](c, "history", m, ask{})
}

// Presence lists who is on a topic.
func (c *Client) Presence(topic string) live.Members {
	c.t.Helper()
	p, refusal := c.TryPresence(topic)
	c.must(refusal, "presence on %s", topic)
	return p
}

// TryPresence is Presence, and returns the refusal, nil if there is none.
func (c *Client) TryPresence(topic string) (live.Members, *live.Error) {
	c.t.Helper()
	p, refusal := answer[struct {
		Members []live.Member
		Count   int
	}](c, "presence", members{"topic": topic}, ask{})
	return live.Members{List: p.Members, Count: p.Count}, refusal
}
