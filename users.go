package live

import (
	"errors"
	"sync"
	"sync/atomic"
)

// users finds the sessions of a user. It is empty until it is first asked, since many
// programs never do.
type users struct {
	asked atomic.Bool // from then on all sessions are in it

	fill  sync.Mutex // held while those are put in that came before
	whole atomic.Bool

	mu     sync.Mutex // guards the fields below
	byUser map[string]map[*Session]struct{}
	userOf map[*Session]string
}

// add puts a session in, or notes that it is another user's now. One that has ended is
// left alone.
func (u *users) add(s *Session) {
	if !u.asked.Load() || s.server.opts.Identify == nil {
		return
	}
	for {
		user := s.identity().user // not with mu held: it is a hook
		u.mu.Lock()
		u.remove(s)
		if s.conn.Ended() {
			u.mu.Unlock()
			return
		}
		if u.byUser == nil {
			u.byUser, u.userOf = make(map[string]map[*Session]struct{}), make(map[*Session]string)
		}
		if u.byUser[user] == nil {
			u.byUser[user] = make(map[*Session]struct{})
		}
		u.byUser[user][s] = struct{}{}
		u.userOf[s] = user
		u.mu.Unlock()
		if s.identity().user == user {
			return
		}
	}
}

// gone is told that a session has ended.
func (u *users) gone(s *Session) {
	if !u.asked.Load() {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.remove(s)
}

// remove takes a session out. u.mu is held.
func (u *users) remove(s *Session) {
	user, in := u.userOf[s]
	if !in {
		return
	}
	delete(u.userOf, s)
	delete(u.byUser[user], s)
	if len(u.byUser[user]) == 0 {
		delete(u.byUser, user)
	}
}

// of returns the sessions of a user.
func (u *users) of(server *Server, user string) []*Session {
	if server.opts.Identify == nil {
		if s := server.Session(user); s != nil {
			return []*Session{s}
		}
		return nil
	}
	u.fillIn(server)
	u.mu.Lock()
	defer u.mu.Unlock()
	list := make([]*Session, 0, len(u.byUser[user]))
	for s := range u.byUser[user] {
		list = append(list, s)
	}
	return list
}

// fillIn puts in the sessions that there are when it is first asked.
func (u *users) fillIn(server *Server) {
	if u.whole.Load() {
		return
	}
	u.fill.Lock()
	defer u.fill.Unlock()
	if u.whole.Load() {
		return
	}
	u.asked.Store(true) // who is attached from here on puts itself in; the others the engine knows
	for _, s := range server.allSessions() {
		u.add(s)
	}
	u.whole.Store(true)
}

// allSessions returns those that are open. It waits for the engine's loops.
func (s *Server) allSessions() []*Session {
	var all []*Session
	for _, h := range s.engine.Handlers() {
		if in, ok := h.(*inbound); ok {
			all = append(all, (*Session)(in))
		}
	}
	return all
}

// Disconnect closes all sessions of a user, on every server of the cluster, with code
// 4501, after which clients do not come back by themselves; what lets the user in again
// is the program's to refuse. A user is what Options.Identify says; without it, a
// session's ID. In a cluster it waits up to 5 s for the other servers.
//
// It returns ErrUnavailable, with their names, if some did not answer in time: there
// the user may still be connected.
func (s *Server) Disconnect(user string) error {
	return s.everywhere(request{What: askDisconnect, User: user})
}

// SubscribeUser is Subscribe for all sessions that a user has at this moment, on every
// server of the cluster. In a cluster it waits up to 5 s for the other servers. Its
// errors are those of Subscribe and Disconnect.
func (s *Server) SubscribeUser(user, topic string) error {
	if err := checkTopic(topic); err != nil {
		return s.refused("subscribe a user", err)
	}
	return s.everywhere(request{What: askSubscribe, User: user, Topic: topic})
}

// UnsubscribeUser is Unsubscribe for all sessions of a user, as SubscribeUser.
func (s *Server) UnsubscribeUser(user, topic string) error {
	if err := checkTopic(topic); err != nil {
		return s.refused("unsubscribe a user", err)
	}
	return s.everywhere(request{What: askUnsubscribe, User: user, Topic: topic})
}

func (s *Server) disconnect(user string) error {
	for _, session := range s.users.of(s, user) {
		const reason = "disconnected by the server"
		session.conn.Close(CloseDisconnected, reason, &CloseError{Code: CloseDisconnected, Reason: reason})
	}
	return nil
}

func (s *Server) subscribeUser(user, topic string) error {
	return s.eachOf(user, func(session *Session) error { return s.Subscribe(session, topic) })
}

func (s *Server) unsubscribeUser(user, topic string) error {
	return s.eachOf(user, func(session *Session) error { return s.Unsubscribe(session, topic) })
}

// eachOf does something with all sessions of a user; that one has ended is no matter.
func (s *Server) eachOf(user string, f func(*Session) error) (err error) {
	for _, session := range s.users.of(s, user) {
		if one := f(session); one != nil && !errors.Is(one, ErrSessionClosed) {
			err = errors.Join(err, one)
		}
	}
	return err
}
