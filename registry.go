package live

import (
	"hash/maphash"
	"sync"
	"sync/atomic"

	"github.com/livetopics/live/internal/engine"
)

// registry finds sessions by ID. It is empty until it is first asked, since many programs
// never do. Then it has one word for a session and, being open addressing, between a
// third and one more for the room it needs: a map would take ten times that.
type registry struct {
	seed    maphash.Seed
	stripes [64]registryStripe

	asked atomic.Bool // from then on all sessions are in it
	mu    sync.Mutex  // held while those are put in that came before
	whole atomic.Bool // they are
}

type registryStripe struct {
	mu    sync.Mutex // guards the fields below
	slots []*Session // a power of two; nil is free
	n     int
}

func (r *registry) init() { r.seed = maphash.MakeSeed() }

// hash is that of an ID, by which the stripe and the place in it are chosen.
func (r *registry) hash(id string) uint64 { return maphash.String(r.seed, id) }

func (r *registry) stripe(h uint64) *registryStripe { return &r.stripes[h>>58] }

// add puts a session in that the engine has. One that is in already, or has ended, is
// left alone: add may be called for it twice, and after remove.
func (r *registry) add(s *Session) {
	if !r.asked.Load() {
		return // the engine will name it
	}
	h := r.hash(s.ID())
	st := r.stripe(h)
	st.mu.Lock()
	defer st.mu.Unlock()
	if s.conn.Ended() || st.has(h, s) {
		return
	}
	if st.n++; st.n*4 > len(st.slots)*3 {
		r.resize(st, max(8, 2*len(st.slots)))
	}
	st.put(h, s)
}

// has reports whether s is in. st.mu is held.
func (st *registryStripe) has(h uint64, s *Session) bool {
	if len(st.slots) == 0 {
		return false
	}
	mask := uint64(len(st.slots) - 1)
	for i := h & mask; st.slots[i] != nil; i = (i + 1) & mask {
		if st.slots[i] == s {
			return true
		}
	}
	return false
}

// fill puts in the sessions that there are when it is first asked.
func (r *registry) fill(e *engine.Engine) {
	if r.whole.Load() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.whole.Load() {
		return
	}
	r.asked.Store(true) // who is attached from here on puts itself in; the others the engine knows
	for _, h := range e.Handlers() {
		if in, ok := h.(*inbound); ok {
			r.add((*Session)(in))
		}
	}
	r.whole.Store(true)
}

// put puts s into the first free slot. st.mu is held.
func (st *registryStripe) put(h uint64, s *Session) {
	mask := uint64(len(st.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		if st.slots[i] == nil {
			st.slots[i] = s
			return
		}
	}
}

func (r *registry) resize(st *registryStripe, size int) {
	old := st.slots
	st.slots = make([]*Session, size)
	for _, s := range old {
		if s != nil {
			st.put(r.hash(s.ID()), s)
		}
	}
}

// remove takes s out, and moves up those behind it that it was in the way of.
func (r *registry) remove(s *Session) {
	h := r.hash(s.ID())
	st := r.stripe(h)
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.slots) == 0 {
		return
	}
	mask := uint64(len(st.slots) - 1)
	at := h & mask
	for st.slots[at] != s {
		if st.slots[at] == nil {
			return
		}
		at = (at + 1) & mask
	}
	st.n--
	st.slots[at] = nil
	for i := (at + 1) & mask; st.slots[i] != nil; i = (i + 1) & mask {
		moved := st.slots[i]
		st.slots[i] = nil
		st.put(r.hash(moved.ID()), moved)
	}
	if len(st.slots) > 8 && st.n*6 < len(st.slots) {
		r.resize(st, len(st.slots)/2)
	}
}

// find returns the session of that ID, or nil.
func (r *registry) find(e *engine.Engine, id string) *Session {
	r.fill(e)
	h := r.hash(id)
	st := r.stripe(h)
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.slots) == 0 {
		return nil
	}
	mask := uint64(len(st.slots) - 1)
	for i := h & mask; st.slots[i] != nil; i = (i + 1) & mask {
		if st.slots[i].ID() == id {
			return st.slots[i]
		}
	}
	return nil
}

// Session returns the session of that ID that is connected to this server, or nil. The
// first time it waits a moment until all sessions are known by their IDs.
func (s *Server) Session(id string) *Session { return s.sessions.find(s.engine, id) }
