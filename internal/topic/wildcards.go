package topic

// Index finds the wildcards that match a topic. It never changes: With and Without give
// a new one that shares all but the way to the wildcard with the old. So any number of
// goroutines may use one at a time, without a lock. Nil and the zero value are empty.
type Index[V any] struct {
	root *node[V] // nil in the zero value only
	n    int      // wildcards in it
}

// node is a place in wildcards, after some segments, and where they go on from there.
// It never changes. One with nothing in it is nil.
type node[V any] struct {
	branches *branch[V] // where a literal segment follows
	single   *node[V]   // where a * follows
	tail     *V         // the value of the wildcard that goes on with **
	here     *V         // the value of the wildcard that ends here
}

// With is the index with v under w: the one value that stands under it, in place of any
// that did. The receiver may be nil. A w that is the zero value adds nothing.
func (x *Index[V]) With(w Wildcard, v V) *Index[V] {
	if w.text == "" {
		return x
	}
	if x == nil {
		x = &Index[V]{}
	}
	n := x.n
	if !x.root.has(w.text) {
		n++
	}
	return &Index[V]{root: x.root.put(w.text, true, &v), n: n}
}

// Without is the index without w: nil when nothing is left, the receiver itself if w is
// not in it. The receiver may be nil.
func (x *Index[V]) Without(w Wildcard) *Index[V] {
	if x == nil || w.text == "" || !x.root.has(w.text) {
		return x
	}
	if x.n == 1 {
		return nil
	}
	return &Index[V]{root: x.root.put(w.text, true, nil), n: x.n - 1}
}

// Len is the number of wildcards; 0 for a nil receiver.
func (x *Index[V]) Len() int {
	if x == nil {
		return 0
	}
	return x.n
}

// AppendMatches appends to list the value of every wildcard that matches name, a topic
// that Valid takes, each once and in no particular order. A nil receiver adds none.
// Nothing is allocated but what list needs to grow. The time it takes grows with the
// segments of name, with the wildcards that begin as name does and, by the logarithm,
// with how many literals follow in one place; never with topics or subscribers.
func (x *Index[V]) AppendMatches(list []V, name string) []V {
	if x.Len() == 0 {
		return list
	}
	if !Reserved(name) {
		return x.root.appendMatches(list, name)
	}
	segment, rest, more := cut(name)
	next := x.root.branches.get(segment)
	if next == nil || !more {
		return list // no wildcard has only one segment and that a literal
	}
	return next.appendMatches(list, rest)
}

// appendMatches is AppendMatches for a topic that goes on from here with the segments
// of name.
func (n *node[V]) appendMatches(list []V, name string) []V {
	if n.tail != nil {
		list = append(list, *n.tail)
	}
	segment, rest, more := cut(name)
	for _, next := range [...]*node[V]{n.branches.get(segment), n.single} {
		switch {
		case next == nil:
		case more:
			list = next.appendMatches(list, rest)
		case next.here != nil:
			list = append(list, *next.here)
		}
	}
	return list
}

// put is the node with v as the value of the wildcard that goes on from here with the
// segments of form, or ends here if there is no more. With a nil v, the wildcard is
// taken out, and the node is nil when nothing is left.
func (n *node[V]) put(form string, more bool, v *V) *node[V] {
	var c node[V]
	if n != nil {
		c = *n
	}
	if !more {
		c.here = v
		return c.orNil()
	}
	segment, form, more := cut(form)
	switch kindOf(segment) {
	case tail:
		c.tail = v
	case single:
		c.single = c.single.put(form, more, v)
	default:
		to := c.branches.get(segment).put(form, more, v)
		if to == nil {
			c.branches = c.branches.without(segment)
		} else {
			c.branches = c.branches.with(segment, to)
		}
	}
	return c.orNil()
}

// orNil is a place in memory for n, or nil if there is nothing in it.
func (n node[V]) orNil() *node[V] {
	if n == (node[V]{}) {
		return nil
	}
	return &n
}

// has reports whether there is a wildcard that goes on from here with the segments of form.
func (n *node[V]) has(form string) bool {
	for more := true; more; {
		if n == nil {
			return false
		}
		var segment string
		segment, form, more = cut(form)
		switch kindOf(segment) {
		case tail:
			return n.tail != nil
		case single:
			n = n.single
		default:
			n = n.branches.get(segment)
		}
	}
	return n != nil && n.here != nil
}
