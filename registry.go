package live

import (
	"hash/maphash"
	"sync"
)

// registry finds sessions by ID. It has one word for a session and, being open
// addressing, between a third and one more for the room it needs: a map would take
// ten times that.
type registry struct {
	seed    maphash.Seed
	stripes [64]registryStripe
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

func (r *registry) add(s *Session) {
	h := r.hash(s.ID())
	st := r.stripe(h)
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.n++; st.n*4 > len(st.slots)*3 {
		r.resize(st, max(8, 2*len(st.slots)))
	}
	st.put(h, s)
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
func (r *registry) find(id string) *Session {
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

// Session returns the session of that ID that is connected to this server, or nil.
func (s *Server) Session(id string) *Session { return s.sessions.find(id) }
