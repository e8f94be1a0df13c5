package redisbroker

import (
	"crypto/rand"
	"strings"
	"sync"

	"github.com/livetopics/live/broker"
)

// registry has what this node has registered for presence, and under which name. The
// name changes when the node was taken for dead: registrations under the old one may be
// ended by others at any moment.
type registry struct {
	mu       sync.Mutex // guards the fields below
	node     string
	leased   bool // the node has a lease under its name
	doubtful bool // some registrations may be lost
	own      map[registration]broker.Member

	leasing sync.Mutex // held while the first lease is taken
}

type registration struct{ topic, user string }

// text is how a registration is written in the list of its node.
func (r registration) text() string { return r.topic + "\x00" + r.user }

func parseRegistration(s string) (r registration, ok bool) {
	r.topic, r.user, ok = strings.Cut(s, "\x00")
	return r, ok
}

func (r *registry) init() {
	r.node, r.own = newNode(), make(map[registration]broker.Member)
}

// newNode makes the name of a node. All are equally long, and have no = or comma.
func newNode() string { return rand.Text()[:16] }

// name is the node's name now, and whether it has a lease.
func (r *registry) name() (node string, leased bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.node, r.leased
}

// lease is told that the node has a lease under that name.
func (r *registry) lease(node string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.node == node {
		r.leased = true
	}
}

// rename gives the node another name, without a lease.
func (r *registry) rename() (node string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.node, r.leased = newNode(), false
	return r.node
}

// set remembers a registration, and reports whether it is new.
func (r *registry) set(at registration, m broker.Member) (added bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, there := r.own[at]; !there {
		at = registration{strings.Clone(at.topic), strings.Clone(at.user)}
		added = true
	}
	m.User = at.user
	r.own[at] = m
	return added
}

func (r *registry) unset(at registration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.own, at)
}

// get returns a registration, if it is there.
func (r *registry) get(at registration) (m broker.Member, there bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, there = r.own[at]
	return m, there
}

// doubt is told that the server may have lost some registrations.
func (r *registry) doubt() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.doubtful = true
}

// doubted reports whether doubt was called since.
func (r *registry) doubted() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.doubtful
	r.doubtful = false
	return was
}

// registered is one of all.
type registered struct {
	registration
	member broker.Member
}

func (r *registry) all() []registered {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]registered, 0, len(r.own))
	for at, m := range r.own {
		all = append(all, registered{at, m})
	}
	return all
}
