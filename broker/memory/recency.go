package memory

// recency lists topics in the order in which they were published to.
type recency struct{ oldest, newest *topic }

// renew makes t the newest, in the list or not.
func (r *recency) renew(t *topic) {
	if r.newest == t {
		return
	}
	r.remove(t)
	if t.older = r.newest; t.older != nil {
		t.older.newer = t
	} else {
		r.oldest = t
	}
	r.newest = t
}

// remove takes t out if it is in.
func (r *recency) remove(t *topic) {
	if t.older != nil {
		t.older.newer = t.newer
	} else if r.oldest == t {
		r.oldest = t.newer
	}
	if t.newer != nil {
		t.newer.older = t.older
	} else if r.newest == t {
		r.newest = t.older
	}
	t.older, t.newer = nil, nil
}
