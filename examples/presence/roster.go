package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/livetopics/live"
)

// roster knows who is where.
type roster struct {
	server *live.Server

	// mu guards rooms. It is held while a change is published, so that everybody hears of the changes in the
	// order in which they were made: a "leave" that overtakes a "join" would show the wrong thing for good.
	mu    sync.Mutex
	rooms map[string]map[string]int // topic → user → how many sessions
}

func newRoster() *roster { return &roster{rooms: map[string]map[string]int{}} }

func (p *roster) join(s *live.Session, room string) {
	user := s.Value().(string)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.server.Subscribe(s, room); err != nil { // a bad name, or the session is ending: nobody has come
		data, _ := json.Marshal(map[string]string{"code": "bad_request", "message": err.Error()})
		_ = s.Send(live.Message{Topic: "error", Data: data})
		return
	}
	if p.rooms[room] == nil {
		p.rooms[room] = map[string]int{}
	}
	if p.rooms[room][user]++; p.rooms[room][user] == 1 {
		p.announce(room, "join", user)
	}
	data, _ := json.Marshal(map[string]any{
		"room":    strings.TrimPrefix(room, "room:"),
		"members": slices.Sorted(maps.Keys(p.rooms[room])),
	})
	_ = s.Send(live.Message{Topic: "members", Data: data})
}

func (p *roster) leave(s *live.Session, room string) {
	user := s.Value().(string)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rooms[room][user]--; p.rooms[room][user] > 0 {
		return // in another window the user is still there
	}
	delete(p.rooms[room], user)
	if len(p.rooms[room]) == 0 {
		delete(p.rooms, room)
	}
	p.announce(room, "leave", user)
}

// announce tells a room of a change. The caller holds mu.
func (p *roster) announce(room, event, user string) {
	data, _ := json.Marshal(map[string]string{"event": event, "user": user})
	_ = p.server.Publish(room, data)
}
