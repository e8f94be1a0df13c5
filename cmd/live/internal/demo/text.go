package demo

import "github.com/livetopics/live"

// text is what somebody said, as everybody in the room gets it.
type text struct {
	Type string `json:"type"` // "message"
	ID   string `json:"id,omitempty"`
	From member `json:"from"`
	Text string `json:"text"`
	At   int64  `json:"at"`
}

// say publishes a text to the room that the session is in, with the sender's
// name and the time as the server knows them.
func (c *Chat) say(s *live.Session, g *guest, room, words, id string) error {
	if g.room == "" || g.room != room {
		return refuse(forbidden, "you are not in %s: join it first", room)
	}
	words, err := cleanText(words)
	if err != nil {
		return err
	}
	return s.Server().Publish(chatPrefix+room,
		encode(text{"message", id, g.member, words, c.milliseconds()}))
}
