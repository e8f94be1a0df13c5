package redisbroker

import (
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

// How often a cluster is asked which server has what.
const (
	routeAtLeast = 100 * time.Millisecond // between two questions
	routeAgain   = 300 * time.Millisecond // after one that failed
)

// hub knows the connections, and which of them each topic belongs to: the only one, or in
// a cluster that to the master of the topic's slot.
type hub struct {
	b       *Broker       // set once
	bell    chan struct{} // has a cluster asked
	twoWays atomic.Bool   // it is a cluster, where wildcards have a connection of their own

	mu    sync.Mutex // guards the fields below
	links map[string]*link
	wild  *link  // has the wildcards; nil before the first server was found
	slots *slots // nil but in a cluster
}

func (h *hub) init(b *Broker) {
	h.b, h.bell, h.links = b, make(chan struct{}, 1), make(map[string]*link)
}

// ring has a cluster asked which server has what.
func (h *hub) ring() {
	select {
	case h.bell <- struct{}{}:
	default:
	}
}

// start makes the first link when it is known what there is.
func (h *hub) start(clustered bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.wild != nil {
		return
	}
	if clustered {
		h.twoWays.Store(true)
		h.wild = h.open(wildAddr)
		h.slots = new(slots)
		h.ring()
		return
	}
	h.wild = h.open("")
	h.links[""] = h.wild
}

// open starts a link. The hub is locked.
func (h *hub) open(addr string) *link {
	l := newLink(h.b, addr)
	h.b.run.Go(l.run) // owner: the broker; ends with its context, or when the link is stopped
	return l
}

// owner is the link of a topic, nil if there is none yet.
func (h *hub) owner(topic string) *link {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.slots == nil {
		return h.links[""]
	}
	return h.links[h.slots[slotOf(h.b.names.publish(topic))]]
}

func (h *hub) owns(l *link, topic string) bool { return h.owner(topic) == l }

// wildOn tells whether the link has the wildcards.
func (h *hub) wildOn(l *link) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wild == l
}

// reconnect has all connections made anew.
func (h *hub) reconnect() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.links {
		select {
		case l.anew <- struct{}{}:
		default:
		}
	}
}

// touch has a topic looked at.
func (h *hub) touch(topic string) {
	if l := h.owner(topic); l != nil {
		l.touch(topic)
	}
}

// touchGlob has a glob looked at.
func (h *hub) touchGlob(glob string) {
	h.mu.Lock()
	l := h.wild
	h.mu.Unlock()
	if l != nil {
		l.touchGlob(glob)
	}
}

// touchAll has all looked at that belongs to a link which begins anew.
func (h *hub) touchAll(l *link) {
	if h.wildOn(l) {
		for _, glob := range h.b.wild.globs() {
			l.touchGlob(glob)
		}
	}
	h.b.table.each(func(f *follow) {
		if h.owns(l, f.name) {
			l.touch(f.name)
		}
	})
}

// node is the client for one server.
func (h *hub) node(addr string) rueidis.Client {
	c := h.b.health.current()
	if addr == "" || c == nil {
		return c
	}
	nodes := c.Nodes()
	if addr != wildAddr {
		return nodes[addr]
	}
	for _, node := range nodes {
		return node // of a map: each time another
	}
	return nil
}

// masters lists the addresses of a cluster's masters.
func (h *hub) masters() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Keys(h.links))
}

// run asks a cluster which server has what when something has changed.
func (h *hub) run() {
	for {
		select {
		case <-h.bell:
		case <-h.b.ctx.Done():
			return
		}
		h.mu.Lock()
		clustered := h.slots != nil
		h.mu.Unlock()
		if !clustered {
			continue
		}
		wait := routeAtLeast
		if err := h.route(); err != nil {
			wait = jitter(routeAgain)
			h.ring()
		}
		if !h.b.pause(wait) {
			return
		}
	}
}

var errSlots = errors.New("the cluster does not serve all slots")

// route asks once, and has what belongs elsewhere looked at.
func (h *hub) route() error {
	c := h.b.health.current()
	if c == nil {
		return errGone
	}
	now, err := askSlots(h.b.ctx, c, h.b.client.InitAddress)
	if err != nil {
		return err
	}
	addrs := now.addrs()
	h.mu.Lock()
	h.slots = now
	for addr, l := range h.links {
		if !slices.Contains(addrs, addr) {
			close(l.stop)
			delete(h.links, addr)
			h.b.health.hear("master "+addr, nil)
		}
	}
	for _, addr := range addrs {
		if h.links[addr] == nil {
			h.links[addr] = h.open(addr)
		}
	}
	links := slices.Collect(maps.Values(h.links))
	h.mu.Unlock()
	for _, l := range links {
		l.disown()
	}
	h.b.table.each(func(f *follow) {
		if !f.confirmed {
			h.touch(f.name)
		}
	})
	if slices.Contains(now[:], "") {
		return errSlots
	}
	return nil
}

// disown has those of its topics looked at that belong to another link now.
func (l *link) disown() {
	l.mu.Lock()
	all := slices.Collect(maps.Keys(l.subscribed))
	l.mu.Unlock()
	for _, topic := range all {
		if owner := l.b.hub.owner(topic); owner != l {
			l.touch(topic)
			if owner != nil {
				owner.touch(topic)
			}
		}
	}
}

// clustered tells whether it is known that this is a cluster.
func (h *hub) clustered() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.slots != nil
}
