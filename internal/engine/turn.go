package engine

import "slices"

// turn collects what a loop has to write: one list of frames in the order they
// came, and for every connection concerned a mark that says which of them are its
// share. A loop has two: one is written while the other collects. Only the loop
// touches it; all of its memory is used again.
type turn struct {
	loop   *loop // set once
	parity int   // which of the two: index into Conn.marks and shard.dirty
	frames []*Frame
	bytes  int
	shards []shardTurn
	marks  []mark
	urgent []uint32 // marks with a frame for that connection alone, or for a few
	next   int      // the first mark not written yet, once the turn is being written

	flat  []byte // while the turn is written: all frames, one after the other
	ends  []int  // where each of them ends in flat
	arena []byte // memory for flat
}

// shardTurn is what a turn has for the subscribers of one shard.
type shardTurn struct {
	shard *shard
	list  []int32 // which of the turn's frames
	run   []byte  // memory for those frames in one piece, if flat does not have them so
	built bool    // run holds them
}

// mark says what a turn has for one connection. The common one, everything of one
// shard, is just that; its bytes are shared by all who have the same.
type mark struct {
	conn   *Conn
	only   int32    // index of the shard whose whole list it gets, or several
	urgent bool     // is on the turn's urgent list
	parts  []source // if several
	except []int32  // frames that it does not get although it subscribed
}

const several = -1

// source is a part of a mark: a stretch of a shard's list, or one frame.
type source struct {
	shard    int32 // index, or oneFrame
	from, to int32 // of the shard's list; to is untilEnd, or the frame is from
}

const (
	oneFrame = -1
	untilEnd = -1
)

// grown appends a place to list, keeping the memory that an earlier turn left there.
func grown[T any](list []T) []T {
	if len(list) < cap(list) {
		return list[:len(list)+1]
	}
	var zero T
	return append(list, zero)
}

func (t *turn) empty() bool { return len(t.marks) == 0 }

func (t *turn) add(f *Frame) int32 {
	t.frames = append(t.frames, f)
	t.bytes += len(f.Bytes)
	return int32(len(t.frames) - 1)
}

// smallTopic is up to how many subscribers on one loop a publication overtakes a
// large fan-out that is under way.
const smallTopic = 16

// publish lists f for the subscribers of the shards, once for each connection, and
// marks them unless they are.
func (t *turn) publish(shards []*shard, f *Frame, except []*Conn) {
	i := int32(-1)
	for _, sh := range shards {
		if len(sh.subs) == 0 {
			continue
		}
		if i < 0 {
			i = t.add(f)
		}
		t.enlist(sh, i)
	}
	if i < 0 {
		return
	}
	for _, c := range except {
		t.exempt(c, i)
	}
	for _, sh := range shards {
		if sh.topic.wild {
			continue
		}
		for c := range sh.back { // is to get it later, with what it lacks before: not by a wildcard now
			t.exempt(c, i)
		}
	}
}

// publishOne is publish for one shard.
func (t *turn) publishOne(sh *shard, f *Frame, except *Conn) {
	if len(sh.subs) == 0 {
		return
	}
	i := t.add(f)
	t.enlist(sh, i)
	t.exempt(except, i)
}

// enlist puts the frame on the shard's list, and marks its subscribers unless they
// are.
func (t *turn) enlist(sh *shard, frame int32) {
	if sh.dirty[t.parity] == 0 {
		t.shards = grown(t.shards)
		st := &t.shards[len(t.shards)-1]
		st.shard, st.list, st.built = sh, st.list[:0], false
		sh.dirty[t.parity] = uint32(len(t.shards))
		for _, sub := range sh.subs {
			t.include(sub.conn, int32(len(t.shards)-1), 0)
		}
	}
	st := &t.shards[sh.dirty[t.parity]-1]
	st.list = append(st.list, frame)
	if len(sh.subs) <= smallTopic {
		for _, sub := range sh.subs {
			t.hurry(sub.conn)
		}
	}
}

// exempt takes a frame out of c's share. c may be nil, or no subscriber.
func (t *turn) exempt(c *Conn, frame int32) {
	if c == nil || t.loop != c.loop || c.marks[t.parity] == 0 {
		return
	}
	m := &t.marks[c.marks[t.parity]-1]
	m.split()
	m.except = append(m.except, frame)
}

// include gives c the shard's list from its from'th frame on.
func (t *turn) include(c *Conn, shard, from int32) {
	if c.marks[t.parity] == 0 && from == 0 {
		t.mark(c).only = shard
		return
	}
	m := t.mark(c)
	m.split()
	m.parts = append(m.parts, source{shard: shard, from: from, to: untilEnd})
}

// send gives f to c alone.
func (t *turn) send(c *Conn, f *Frame) {
	m := t.mark(c)
	m.split()
	m.parts = append(m.parts, source{shard: oneFrame, from: t.add(f)})
	t.hurry(c)
}

// hurry puts c's mark on the urgent list.
func (t *turn) hurry(c *Conn) {
	if m := t.mark(c); !m.urgent {
		m.urgent = true
		t.urgent = append(t.urgent, c.marks[t.parity]-1)
	}
}

// join is told that sub is now in its shard's list.
func (t *turn) join(sub *subscription) {
	if k := sub.shard.dirty[t.parity]; k != 0 {
		t.include(sub.conn, int32(k-1), int32(len(t.shards[k-1].list)))
	}
}

// leave is told that sub is about to leave its shard's list.
func (t *turn) leave(sub *subscription) {
	k, at := sub.shard.dirty[t.parity], sub.conn.marks[t.parity]
	if k == 0 || at == 0 {
		return
	}
	m := &t.marks[at-1]
	m.split()
	for i := range m.parts {
		if p := &m.parts[i]; p.shard == int32(k-1) && p.to == untilEnd {
			p.to = int32(len(t.shards[k-1].list))
		}
	}
}

// mark returns the mark of c, a new one if it has none.
func (t *turn) mark(c *Conn) *mark {
	if at := c.marks[t.parity]; at != 0 {
		return &t.marks[at-1]
	}
	t.marks = grown(t.marks)
	m := &t.marks[len(t.marks)-1]
	m.conn, m.only, m.urgent, m.parts, m.except = c, several, false, m.parts[:0], m.except[:0]
	c.marks[t.parity] = uint32(len(t.marks))
	return m
}

// split turns the common form of a mark into the general one.
func (m *mark) split() {
	if m.only == several {
		return
	}
	m.parts = append(m.parts[:0], source{shard: m.only, to: untilEnd})
	m.only = several
}

// share appends the indices of the mark's frames, in order, to list.
func (t *turn) share(m *mark, list []int32) []int32 {
	if m.only != several {
		return append(list, t.shards[m.only].list...)
	}
	for _, p := range m.parts {
		switch {
		case p.shard == oneFrame:
			list = append(list, p.from)
		case p.to == untilEnd:
			list = append(list, t.shards[p.shard].list[p.from:]...)
		default:
			list = append(list, t.shards[p.shard].list[p.from:p.to]...)
		}
	}
	slices.Sort(list)
	list = slices.Compact(list) // of a topic and a wildcard that matches it, each is there twice
	if len(m.except) > 0 {
		list = slices.DeleteFunc(list, func(i int32) bool {
			_, not := slices.BinarySearch(m.except, i)
			return not
		})
	}
	return list
}

// advance is told that all of the mark's share so far is written: it goes on with
// what its shards get from now on.
func (t *turn) advance(m *mark) {
	m.split()
	keep := m.parts[:0]
	for _, p := range m.parts {
		if p.shard != oneFrame && p.to == untilEnd {
			p.from = int32(len(t.shards[p.shard].list))
			keep = append(keep, p)
		}
	}
	m.parts, m.except, m.urgent = keep, m.except[:0], false
}

// seal lays the frames out to be written; nothing is added to the turn any more.
func (t *turn) seal() {
	for i := range t.shards {
		t.shards[i].shard.dirty[t.parity] = 0
	}
	t.ends, t.arena = t.ends[:0], t.arena[:0]
	for _, f := range t.frames {
		if len(t.frames) > 1 {
			t.arena = append(t.arena, f.Bytes...)
		}
		t.ends = append(t.ends, len(t.arena))
	}
	if t.flat = t.arena; len(t.frames) == 1 {
		t.flat, t.ends[0] = t.frames[0].Bytes, len(t.frames[0].Bytes)
	}
}

// stretch returns the frames from first to last in one piece.
func (t *turn) stretch(first, last int32) []byte {
	from := 0
	if first > 0 {
		from = t.ends[first-1]
	}
	return t.flat[from:t.ends[last]]
}

// all returns the shard's frames in one piece, the same memory for all who ask.
func (t *turn) all(st *shardTurn) []byte {
	first, last := st.list[0], st.list[len(st.list)-1]
	if int(last-first) == len(st.list)-1 {
		return t.stretch(first, last)
	}
	if !st.built {
		st.run, st.built = st.run[:0], true
		for _, i := range st.list {
			st.run = append(st.run, t.frames[i].Bytes...)
		}
	}
	return st.run
}

// largestArena is how much memory in bytes a turn keeps for the next ones, in one
// piece.
const largestArena = 1 << 20

// reset empties the turn, and keeps its memory.
func (t *turn) reset() {
	if cap(t.arena) > largestArena {
		t.arena = nil
	}
	clear(t.frames)
	for i := range t.shards {
		st := &t.shards[i]
		if st.shard = nil; cap(st.run) > largestArena {
			st.run = nil
		}
	}
	for i := range t.marks {
		t.marks[i].conn = nil
	}
	t.frames, t.shards, t.marks, t.urgent = t.frames[:0], t.shards[:0], t.marks[:0], t.urgent[:0]
	t.flat, t.bytes, t.next = nil, 0, 0
}
