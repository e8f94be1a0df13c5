package demo

import "github.com/livetopics/live"

// announcement tells a room that somebody came or went.
type announcement struct {
	Type   string `json:"type"` // "join" or "leave"
	Member member `json:"member"`
	At     int64  `json:"at"`
}

// roomList is the data of a frame of the list of rooms.
type roomList struct {
	Rooms []occupancy `json:"rooms"`
}

// join puts the session into a room under a free name, out of the one it was in,
// and tells it who is there.
func (c *Chat) join(s *live.Session, g *guest, room, name string) error {
	if err := checkRoom(room); err != nil {
		return err
	}
	name, err := cleanName(name)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.rooms[room]) >= maxMembers && g.room != room {
		return refuse(unavailable, "%s is full (%d people): choose another room", room, maxMembers)
	}
	c.leaveLocked(s, g)
	c.last++
	g.room, g.member = room, member{c.last, freeName(name, c.rooms[room])}
	c.rooms.add(room, g.member)
	// The list goes out before the subscription: what changes it comes after it.
	send(s, "joined", struct {
		Room    string   `json:"room"`
		You     member   `json:"you"`
		Members []member `json:"members"`
	}{room, g.member, c.rooms[room]})
	if err := s.Server().Subscribe(s, chatPrefix+room); err != nil {
		c.leaveLocked(s, g)
		return err
	}
	return c.announce(s.Server(), "join", room, g.member)
}

// goodbye takes the session out of its room at its own wish.
func (c *Chat) goodbye(s *live.Session, g *guest) error {
	room := g.room
	if room == "" {
		return refuse(badRequest, "you are in no room to leave")
	}
	c.leave(s, g)
	send(s, "left", struct {
		Room string `json:"room"`
	}{room})
	return nil
}

// leave takes the session out of its room, if it is in one, and tells the others.
func (c *Chat) leave(s *live.Session, g *guest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaveLocked(s, g)
}

func (c *Chat) leaveLocked(s *live.Session, g *guest) {
	room := g.room
	if room == "" || !c.rooms.remove(room, g.member.ID) {
		return
	}
	g.room = ""
	// Both fail only where there is nothing left to do: the session is gone, or
	// the server is closing.
	_ = s.Server().Unsubscribe(s, chatPrefix+room)
	_ = c.announce(s.Server(), "leave", room, g.member)
}

// announce tells the room, and who watches the list of rooms. The caller holds mu.
func (c *Chat) announce(server *live.Server, what, room string, m member) error {
	err := server.Publish(chatPrefix+room, encode(announcement{what, m, c.milliseconds()}))
	if err != nil {
		return err
	}
	change := []occupancy{{room, len(c.rooms[room])}}
	return server.Publish(roomsTopic, encode(roomList{change}))
}

// watch sends the session the list of rooms, and then its changes.
func (c *Chat) watch(s *live.Session) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	send(s, roomsTopic, roomList{c.rooms.busiest(maxRooms)})
	return s.Server().Subscribe(s, roomsTopic)
}

// milliseconds returns the time in Unix milliseconds.
func (c *Chat) milliseconds() int64 { return c.now().UnixMilli() }
