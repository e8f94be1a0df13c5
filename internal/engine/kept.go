package engine

// How much a topic keeps for its subscriptions that are behind. What is more is for
// whoever brings them up to date to find elsewhere.
const (
	keptFrames = 32 << 10
	keptBytes  = 8 << 20
)

// kept is what was published to a topic since the first of its subscriptions that
// are behind fell behind. It is guarded by its stripe's mu.
type kept struct {
	held   map[*subscription]hold
	frames []keptFrame
	first  uint64 // the index of frames[0] among all there ever were
	bytes  int
	lost   uint64 // the highest number among those that are not kept any more
}

type keptFrame struct {
	frame  *Frame
	except *Conn
}

// hold is a subscription that is behind.
type hold struct {
	index uint64 // of the first frame that it did not get
	seq   uint64 // the newest number there was before that
	anew  bool   // the topic's numbers began anew since: what the caller knows of them may be of before
}

// keep notes a publication for those that are behind. numbered says that all that the
// topic has are numbered in one row, if they are.
func (k *kept) keep(f *Frame, except *Conn, numbered bool) {
	k.frames = append(k.frames, keptFrame{f, except})
	k.bytes += len(f.Bytes)
	if len(k.frames) <= keptFrames && k.bytes <= keptBytes {
		return
	}
	drop := max(1, len(k.frames)/2)
	for _, old := range k.frames[:drop] {
		k.bytes -= len(old.frame.Bytes)
		if numbered {
			k.lost = max(k.lost, old.frame.seq())
		}
	}
	rest := copy(k.frames, k.frames[drop:])
	clear(k.frames[rest:])
	k.frames = k.frames[:rest]
	k.first += uint64(drop)
}

// hold notes that sub is behind from now on. The stripe's mu is held.
func (t *topic) hold(sub *subscription) {
	if t.kept == nil {
		t.kept = &kept{held: make(map[*subscription]hold)}
	}
	k := t.kept
	k.held[sub] = hold{index: k.first + uint64(len(k.frames)), seq: t.seq}
}

// goOn notes where sub goes on, which is live again. The stripe's mu is held.
func (t *topic) goOn(sub *subscription, after uint64) {
	if t.after == nil {
		t.after = make(map[*subscription]uint64)
	}
	t.after[sub] = after
}

// unhold forgets that sub was behind, if it was. The stripe's mu is held.
func (t *topic) unhold(sub *subscription) {
	if t.kept == nil {
		return
	}
	if delete(t.kept.held, sub); len(t.kept.held) == 0 {
		t.kept = nil
	}
}

// number notes the number of a publication, 0 if it has none. One that is lower than
// the last says that the topic's numbers begin anew: what is kept with the old ones is
// of no use any more. The stripe's mu is held.
func (t *topic) number(seq uint64) {
	if seq == 0 {
		return
	}
	if seq < t.seq {
		t.renew(seq - 1)
	}
	t.seq = seq
}

// renew is told that the topic's numbers begin anew, after the given one. The stripe's
// mu is held.
func (t *topic) renew(after uint64) {
	t.seq, t.ahead = 0, ahead{}
	k := t.kept
	if k == nil {
		return
	}
	k.first += uint64(len(k.frames))
	k.frames, k.bytes, k.lost = nil, 0, 0
	for sub := range k.held {
		k.held[sub] = hold{index: k.first, seq: after, anew: true}
	}
}

// behind reports whether sub is. The stripe's mu is held.
func (t *topic) behind(sub *subscription) bool {
	if t.kept == nil {
		return false
	}
	_, is := t.kept.held[sub]
	return is
}

// since returns the frames in which the rest of a subscription's is.
func (k *kept) since(h hold, to Catch) ([]keptFrame, Caught) {
	if to.After < h.seq || to.After < k.lost {
		return nil, Late
	}
	if h.index < k.first && k.lost == 0 {
		return nil, Holed
	}
	frames := k.frames
	if h.index > k.first {
		frames = frames[h.index-k.first:]
	}
	n := 0
	for _, f := range frames {
		if seq := f.frame.seq(); seq > to.After {
			n++
		}
	}
	if n > to.Most {
		return nil, Late
	}
	return frames, Live
}
