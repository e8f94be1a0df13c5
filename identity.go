package live

import (
	"encoding/json"
	"strings"
)

// identity returns who the session's user is, and what is shown of them: what
// Options.Identify makes of Value. Without it every session is a user of its own.
func (s *Session) identity() person {
	identify := s.server.opts.Identify
	if identify == nil {
		return person{user: s.ID()}
	}
	var user string
	var shown any
	s.server.guard("Identify", func() { user, shown = identify(s.Value()) })
	if user == "" {
		user = s.ID()
	}
	if shown == nil {
		return person{user: user}
	}
	info, err := json.Marshal(shown)
	if err != nil {
		s.server.log.Error("live: what Identify returned is no JSON", "session", s.ID(), "error", err)
		return person{user: user}
	}
	return person{user, info}
}

// The origin of a publication says who must not get it back: a session, and after it
// the client that the session is of, if that has a name. They are parted by a byte that
// neither can have.
const originSeparator = "\x00"

// origin is the session's.
func (s *Session) origin() string {
	id := s.ID()
	if client := s.clientScope(); client != "" {
		return id + originSeparator + client
	}
	return id
}

// clientScope names the client among all: its own name counts for its user only, so
// that nobody can take another's. It is empty for a client without a name.
func (s *Session) clientScope() string {
	client := s.greeted().client
	if client == "" {
		return ""
	}
	user := ""
	if s.server.opts.Identify != nil {
		user = s.identity().user
	}
	return user + originSeparator + client
}

// isOrigin returns a function that reports whether a publication is the session's own.
func (s *Session) isOrigin() func(origin string) bool {
	id, client := s.ID(), s.clientScope()
	return func(origin string) bool {
		if origin == "" {
			return false
		}
		from, scope, _ := strings.Cut(origin, originSeparator)
		return from == id || client != "" && scope == client
	}
}

// dedupScope makes what a client calls a repeat its user's own; where every session is a
// user, the client's own, if it has a name by which it is known when it comes back.
func (s *Session) dedupScope(dedup string) string {
	if dedup == "" {
		return ""
	}
	scope := "u" + originSeparator + s.identity().user
	if client := s.greeted().client; client != "" && scope == "u"+originSeparator+s.ID() {
		scope = "c" + originSeparator + client
	}
	return scope + originSeparator + dedup
}
