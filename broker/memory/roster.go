package memory

import (
	"bytes"

	"github.com/livetopics/live/broker"
)

// roster lists the members of one topic in the order in which they joined.
type roster struct {
	byUser      map[string]*member
	first, last *member
}

type member struct {
	broker.Member
	before, after *member
}

// set adds m, or changes what is known of the user.
func (r *roster) set(m broker.Member) broker.Change {
	m.Info = info(m.Info)
	if old := r.byUser[m.User]; old != nil {
		old.Sessions = m.Sessions
		if bytes.Equal(old.Info, m.Info) {
			return broker.Unchanged
		}
		old.Info = m.Info
		return broker.Updated
	}
	if r.byUser == nil {
		r.byUser = make(map[string]*member)
	}
	now := &member{Member: m, before: r.last}
	r.byUser[m.User] = now
	if r.last != nil {
		r.last.after = now
	} else {
		r.first = now
	}
	r.last = now
	return broker.Joined
}

// remove takes the user out.
func (r *roster) remove(user string) broker.Change {
	m := r.byUser[user]
	if m == nil {
		return broker.Unchanged
	}
	delete(r.byUser, user)
	if m.before != nil {
		m.before.after = m.after
	} else {
		r.first = m.after
	}
	if m.after != nil {
		m.after.before = m.before
	} else {
		r.last = m.before
	}
	return broker.Left
}

// list returns the first members, limit at most, and how many there are.
func (r *roster) list(limit int) broker.Members {
	all := broker.Members{Count: len(r.byUser)}
	if n := min(max(limit, 0), all.Count); n > 0 {
		all.List = make([]broker.Member, 0, n)
		for m := r.first; len(all.List) < n; m = m.after {
			all.List = append(all.List, m.Member)
		}
	}
	return all
}

// info is a copy, in which null is nil.
func info(b []byte) []byte {
	if string(b) == "null" {
		return nil
	}
	return bytes.Clone(b)
}
