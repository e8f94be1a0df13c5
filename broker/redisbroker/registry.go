package redisbroker

import (
	"cmp"
	"crypto/rand"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/livetopics/live/broker"
)

// registry has what this node has registered for presence, and under which name. The
// name changes when its lease has ended: registrations under the old one may be ended by
// others at any moment.
type registry struct {
	mu       sync.Mutex // guards the fields below
	now      lease
	former   []string                            // names given up, under which there may be registrations still
	doubtful bool                                // some registrations may be lost
	own      map[string]map[string]broker.Member // by topic and user

	leasing sync.Mutex // guards the taking of a first lease: held during the call
	turns   turns
}

// lease is a node's right to register under a name.
type lease struct {
	node string
	due  int64 // when it ends, by the servers' clock in milliseconds; 0 if it has not begun
}

type registration struct{ topic, user string }

// text is how a registration is written in the list of its node.
func (r registration) text() string { return r.topic + "\x00" + r.user }

// compare orders registrations, those of a topic together.
func (r registration) compare(o registration) int {
	return cmp.Or(strings.Compare(r.topic, o.topic), strings.Compare(r.user, o.user))
}

func parseRegistration(s string) (r registration, ok bool) {
	r.topic, r.user, ok = strings.Cut(s, "\x00")
	return r, ok
}

func (r *registry) init() {
	r.now.node, r.own = newNode(), make(map[string]map[string]broker.Member)
}

// newNode makes the name of a node. All are equally long, and have no = or comma.
func newNode() string { return rand.Text()[:16] }

// lease is the node's name now, and until when it has a lease.
func (r *registry) lease() lease {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// leased is told that the node has a lease under that name.
func (r *registry) leased(l lease) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now.node == l.node {
		r.now.due = max(r.now.due, l.due)
	}
}

// mostFormer is how many names are remembered that were given up. The server knows all.
const mostFormer = 8

// rename gives the node another name, without a lease, if it still has that one. All is to
// be registered anew then.
func (r *registry) rename(old string) (renamed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now.node != old {
		return false
	}
	r.former = append(slices.Clone(r.former), old)
	r.former = r.former[max(len(r.former)-mostFormer, 0):]
	r.now, r.doubtful = lease{node: newNode()}, true
	return true
}

// names are those that were given up.
func (r *registry) names() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.former
}

// quit is told that nothing is registered under these names any more.
func (r *registry) quit(names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var rest []string
	for _, one := range r.former {
		if !slices.Contains(names, one) {
			rest = append(rest, one)
		}
	}
	r.former = rest
}

// set remembers a registration.
func (r *registry) set(at registration, m broker.Member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	users := r.own[at.topic]
	if users == nil {
		users = make(map[string]broker.Member)
		r.own[strings.Clone(at.topic)] = users
	}
	m.User = strings.Clone(at.user)
	users[m.User] = m
}

func (r *registry) unset(at registration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	users := r.own[at.topic]
	delete(users, at.user)
	if len(users) == 0 {
		delete(r.own, at.topic)
	}
}

// get returns a registration, if it is there.
func (r *registry) get(at registration) (m broker.Member, there bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, there = r.own[at.topic][at.user]
	return m, there
}

func (r *registry) has(at registration) bool {
	_, there := r.get(at)
	return there
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

// all lists all registrations, in order.
func (r *registry) all() (all []registration) {
	r.mu.Lock()
	for topic, users := range r.own {
		for user := range users {
			all = append(all, registration{topic, user})
		}
	}
	r.mu.Unlock()
	slices.SortFunc(all, registration.compare)
	return all
}

// topics lists the topics on which this node has registered somebody.
func (r *registry) topics() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Keys(r.own))
}

// missing lists, in order, who is registered on the topic and is not among these users.
func (r *registry) missing(topic string, users map[string]bool) (all []registration) {
	r.mu.Lock()
	for user := range r.own[topic] {
		if !users[user] && len(all) < registerEach {
			all = append(all, registration{topic, user})
		}
	}
	r.mu.Unlock()
	slices.SortFunc(all, registration.compare)
	return all
}
