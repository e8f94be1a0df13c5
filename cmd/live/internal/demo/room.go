package demo

import (
	"cmp"
	"slices"
)

// member is somebody in a room, as everybody in it sees them.
type member struct {
	ID   uint64 `json:"id"` // differs for all who ever joined since the start
	Name string `json:"name"`
}

// occupancy is one entry in the list of rooms.
type occupancy struct {
	Room    string `json:"room"`
	Members int    `json:"members"`
}

// rooms are the members of each room, in the order in which they came. A room is
// there while it has members.
type rooms map[string][]member

// add puts m into room.
func (r rooms) add(room string, m member) {
	r[room] = append(r[room], m)
}

// remove takes the member with that id out of room, and reports whether there
// was one.
func (r rooms) remove(room string, id uint64) bool {
	members := r[room]
	i := slices.IndexFunc(members, func(m member) bool { return m.ID == id })
	if i < 0 {
		return false
	}
	if len(members) == 1 {
		delete(r, room)
		return true
	}
	r[room] = slices.Delete(members, i, i+1)
	return true
}

// busiest lists up to limit rooms, those with most members first.
func (r rooms) busiest(limit int) []occupancy {
	list := make([]occupancy, 0, len(r))
	for room, members := range r {
		list = append(list, occupancy{room, len(members)})
	}
	slices.SortFunc(list, func(a, b occupancy) int {
		return cmp.Or(cmp.Compare(b.Members, a.Members), cmp.Compare(a.Room, b.Room))
	})
	return list[:min(limit, len(list))]
}
