package presence

import "sync"

// stripe holds the rolls of some topics. Its lock is never held during a broker
// call, and may be held while the agenda's is taken, not the other way round.
type stripe struct {
	mu       sync.Mutex // guards the maps, their rolls and the rolls' members
	rolls    map[string]*roll
	members  map[name]*member
	sessions map[seat]*member
}

// name is a user on a topic, seat a session on one. The maps are a stripe's and
// not a roll's, because most topics are small.
type name struct {
	roll *roll
	user string
}

type seat struct {
	roll    *roll
	session any
}

func (s *stripe) init() {
	s.rolls = map[string]*roll{}
	s.members = map[name]*member{}
	s.sessions = map[seat]*member{}
}

// roll returns the topic's roll, a new one if there is none.
func (s *stripe) roll(topic string) *roll {
	r := s.rolls[topic]
	if r == nil {
		r = &roll{topic: topic, stripe: s}
		r.entry.owner = r
		s.rolls[topic] = r
	}
	return r
}

// seated returns the member that a session stands for, or nil.
func (s *stripe) seated(topic string, session any) *member {
	if r := s.rolls[topic]; r != nil {
		return s.sessions[seat{r, session}]
	}
	return nil
}

// attach gives the user the session.
func (s *stripe) attach(r *roll, session any, user string) *member {
	m := s.members[name{r, user}]
	if m == nil {
		m = &member{user: user, roll: r}
		m.entry.owner = m
		s.members[name{r, user}] = m
		r.members++
	}
	s.sessions[seat{r, session}] = m
	m.sessions++
	m.grace = false
	return m
}

// detach takes the session from the user, without a grace.
func (s *stripe) detach(m *member, session any) {
	delete(s.sessions, seat{m.roll, session})
	m.sessions--
}

// forget removes a member that nobody knows any more.
func (s *stripe) forget(m *member) {
	at := name{m.roll, m.user}
	if s.members[at] != m {
		return
	}
	delete(s.members, at)
	m.roll.members--
	s.drop(m.roll)
}

// drop removes a roll that has no members and no Count to announce.
func (s *stripe) drop(r *roll) {
	if r.members == 0 && !r.counting && s.rolls[r.topic] == r {
		delete(s.rolls, r.topic)
	}
}

// close drops the rolls that wait for a Count, which will not come any more.
func (s *stripe) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rolls {
		r.counting = false
		s.drop(r)
	}
}
