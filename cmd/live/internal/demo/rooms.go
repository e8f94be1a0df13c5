package demo

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/livetopics/live"
)

// roomsTopic is where the list of rooms is published; a room is chatPrefix and its
// name.
const (
	roomsTopic = "rooms"
	chatPrefix = "chat:"
)

// rooms are those that somebody is in, or was until a moment ago.
type rooms struct {
	server *live.Server // set once, before the first session

	mu   sync.Mutex // guards open; held while a change is published, so that the changes keep their order
	open map[string]struct{}
}

// room is one entry in the list.
type room struct {
	Room string `json:"room"`
	Open bool   `json:"open"`
}

// roomList is the list, or what changed in it.
type roomList struct {
	Rooms []room `json:"rooms"`
}

// change is told that a topic has its first subscriber, or has lost its last.
func (r *rooms) change(topic string, open bool) {
	name, ok := strings.CutPrefix(topic, chatPrefix)
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if open {
		r.open[name] = struct{}{}
	} else {
		delete(r.open, name)
	}
	if !open && r.elsewhere(topic) {
		return
	}
	data, err := json.Marshal(roomList{[]room{{name, open}}})
	if err != nil {
		panic(err) // it is strings
	}
	_ = r.server.Publish(roomsTopic, data) // fails only while the server shuts down
}

// elsewhere reports whether somebody is in the room on another server.
func (r *rooms) elsewhere(topic string) bool {
	page, err := r.server.ActiveTopics(context.Background(), live.TopicQuery{Prefix: topic, Limit: 1})
	return err == nil && len(page.Topics) > 0 && page.Topics[0].Topic == topic
}

// snapshot lists up to maxRooms that are open, on all servers.
func (r *rooms) snapshot(ctx context.Context, _ *live.Session, _ live.Match) (any, error) {
	names := make(map[string]bool)
	page, _ := r.server.ActiveTopics(ctx, live.TopicQuery{Prefix: chatPrefix, Limit: maxRooms}) // those of this server, at least
	for _, t := range page.Topics {
		names[strings.TrimPrefix(t.Topic, chatPrefix)] = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for name := range r.open {
		names[name] = true
	}
	list := make([]room, 0, len(names))
	for name := range names {
		list = append(list, room{name, true})
	}
	slices.SortFunc(list, func(a, b room) int { return strings.Compare(a.Room, b.Room) })
	return roomList{list[:min(len(list), maxRooms)]}, nil
}
