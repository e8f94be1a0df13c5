package demo

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/livetopics/live"
)

// What a room remembers, and what one session may send.
const (
	historySize       = 200
	historyAge        = time.Hour
	messagesPerSecond = 10
)

// guest is what Session.Value holds.
type guest struct {
	name string // "" until it is given
}

// Setup puts the chat's hooks into the options of a server to be, and its limit of
// messages per second unless there is one. The function returned registers the rules, once
// that server is made and before it serves.
func Setup(o *live.Options) (register func(*live.Server)) {
	rooms := &rooms{open: make(map[string]struct{})}
	if o.Limits.MessagesPerSecond == 0 {
		o.Limits.MessagesPerSecond = messagesPerSecond
	}
	o.OnAuth, o.OnCall, o.Identify = authenticate, call, identify
	o.OnTopicActive = func(topic string) { rooms.change(topic, true) }
	o.OnTopicIdle = func(topic string) { rooms.change(topic, false) }
	return func(server *live.Server) {
		rooms.server = server
		server.Topic("chat:{room}", live.Rule{
			CanSubscribe: named, CanPublish: named, Accept: acceptText,
			History: live.History{Size: historySize, Age: historyAge}, Presence: true,
		})
		server.Topic("typing:{room}", live.Rule{
			CanSubscribe: named, CanPublish: named, Accept: acceptTyping, Overflow: live.KeepLatest,
		})
		server.Topic(roomsTopic, live.Rule{CanSubscribe: live.Anyone, Snapshot: rooms.snapshot})
	}
}

// authenticate lets everybody in, under the name that they give, if it can be one.
func authenticate(_ context.Context, r *http.Request) (any, error) {
	name, err := cleanName(r.URL.Query().Get("name"))
	if err != nil {
		name = ""
	}
	return guest{name}, nil
}

// identify makes everybody of one name one person.
func identify(value any) (user string, info any) { return value.(guest).name, nil }

// call answers the calls of clients: there is only "name".
func call(_ context.Context, s *live.Session, name string, data []byte) (any, error) {
	if name != "name" {
		return nil, live.Errorf(live.CodeNotFound, "nothing here is called %q: call name", name)
	}
	var wish struct{ Name string }
	if err := json.Unmarshal(data, &wish); err != nil {
		return nil, live.Errorf(live.CodeBadRequest, `the data of name is an object: {"name":"Ada"}`)
	}
	clean, err := cleanName(wish.Name)
	if err != nil {
		return nil, err
	}
	s.SetValue(guest{clean})
	return map[string]string{"name": clean}, nil
}

// named lets those into a room who have a name, if it can be a room.
func named(_ context.Context, s *live.Session, t live.Match) error {
	if err := checkRoom(t.Param("room")); err != nil {
		return err
	}
	if s.Value().(guest).name == "" {
		return live.Errorf(live.CodeUnauthorized, "say who you are first: connect to /ws?name=Ada, or call name")
	}
	return nil
}

// text is what somebody said, as everybody in the room gets it.
type text struct {
	ID   string `json:"id,omitempty"`
	From string `json:"from"`
	Text string `json:"text"`
	At   int64  `json:"at"`
}

// acceptText makes a publication of what a client said: the name and the time are the
// server's word.
func acceptText(_ context.Context, s *live.Session, _ live.Match, data []byte) ([]byte, error) {
	var said struct{ Text, ID string }
	if err := json.Unmarshal(data, &said); err != nil {
		return nil, live.Errorf(live.CodeBadRequest, `a text is an object of strings: {"text":"hi"}`)
	}
	if len(said.ID) > maxTextID {
		return nil, live.Errorf(live.CodeTooLarge, "the id is longer than %d bytes", maxTextID)
	}
	words, err := cleanText(said.Text)
	if err != nil {
		return nil, err
	}
	return json.Marshal(text{said.ID, s.Value().(guest).name, words, time.Now().UnixMilli()})
}

// acceptTyping says who is typing, whatever the client says.
func acceptTyping(_ context.Context, s *live.Session, _ live.Match, _ []byte) ([]byte, error) {
	return json.Marshal(map[string]string{"from": s.Value().(guest).name})
}
