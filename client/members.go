package client

import "slices"

// roll is who is on a topic, as far as was told.
type roll struct {
	list  []Member
	count int
}

// take does what an event says.
func (r *roll) take(m *Message) {
	switch m.Kind {
	case KindMembers:
		r.list, r.count = slices.Clone(m.Members), int(m.Count)
	case KindCount:
		r.count = int(m.Count)
	case KindJoin, KindUpdate:
		r.put(*m.Member)
	case KindLeave:
		if i := r.find(m.Member.User); i >= 0 {
			r.list = slices.Delete(r.list, i, i+1)
		}
		r.count = max(r.count-1, len(r.list))
	}
}

func (r *roll) put(m Member) {
	if i := r.find(m.User); i >= 0 {
		r.list[i] = m
		return
	}
	r.list = append(r.list, m)
	r.count++
}

func (r *roll) find(user string) int {
	return slices.IndexFunc(r.list, func(m Member) bool { return m.User == user })
}
