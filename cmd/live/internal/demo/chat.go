package demo

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/livetopics/live"
)

// roomsTopic is where the list of rooms is published; a room is chatPrefix and
// its name.
const (
	roomsTopic = "rooms"
	chatPrefix = "chat:"
)

// Chat is the application behind the demo page: its methods are the hooks of a
// live.Server, which may have only these. Nothing in it outlives the sessions.
type Chat struct {
	now func() time.Time

	// mu guards rooms and last. Announcements are made under it, so that
	// everybody sees people come and go in the order in which they did.
	mu    sync.Mutex
	rooms rooms
	last  uint64 // id of the newest member
}

// request is the data of any frame from a client; each uses what it needs.
type request struct{ Room, Name, Text, ID string }

// decode reads the data of a frame. Without data it is null, and all stays empty.
func (q *request) decode(topic string, data []byte) error {
	if err := json.Unmarshal(data, q); err != nil {
		return refuse(badRequest, "the data of %q has to be an object of strings", topic)
	}
	if len(q.ID) > maxTextID {
		q.ID = ""
		return refuse(tooLarge, "the id is longer than %d bytes", maxTextID)
	}
	return nil
}

// guest is what OnAuth makes for a session. Only that session's hooks use it,
// which run one at a time.
type guest struct {
	room   string // "" in none
	member member
	pace   pace
}

// NewChat returns a chat without rooms.
func NewChat() *Chat {
	return &Chat{now: time.Now, rooms: make(rooms)}
}

// OnAuth lets everybody in. It never fails.
func (c *Chat) OnAuth(context.Context, *http.Request) (any, error) {
	return &guest{}, nil
}

// OnMessage does what a frame asks for (the package comment lists it) or answers
// with an error frame that says why not.
func (c *Chat) OnMessage(_ context.Context, s *live.Session, topic string, data []byte) {
	var ask request
	err := ask.decode(topic, data)
	if err == nil {
		err = c.do(s, s.Value().(*guest), topic, ask)
	}
	if err == nil {
		return
	}
	var r *refusal
	if !errors.As(err, &r) {
		r = refuse(unavailable, "not possible now: %v", err)
	}
	r.ID = ask.ID
	send(s, "error", r)
}

// OnClose takes the session out of its room and tells the others.
func (c *Chat) OnClose(s *live.Session, _ error) {
	c.leave(s, s.Value().(*guest))
}

// do carries out one request, if the session's pace allows.
func (c *Chat) do(s *live.Session, g *guest, topic string, ask request) error {
	if !g.pace.allow(c.now()) {
		return refuse(rateLimited, "too fast: at most %d messages a second, please", pacePerSecond)
	}
	if room, ok := strings.CutPrefix(topic, chatPrefix); ok {
		return c.say(s, g, room, ask.Text, ask.ID)
	}
	switch topic {
	case "join":
		return c.join(s, g, ask.Room, ask.Name)
	case "leave":
		return c.goodbye(s, g)
	case roomsTopic:
		return c.watch(s)
	}
	return refuse(badRequest, "nothing here is called %q: send join, leave, rooms or chat:ROOM", topic)
}

// send gives s one frame. A session that is gone needs none, so the error is
// of no use here: OnClose does what is left to do.
func send(s *live.Session, topic string, data any) {
	_ = s.Send(live.Message{Topic: topic, Data: encode(data)})
}

// encode returns v as JSON; all that it is given has strings and numbers only.
func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}
