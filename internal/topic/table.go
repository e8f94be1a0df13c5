package topic

import "errors"

// Table finds, of many patterns, the most specific one that matches a topic. The zero
// value is empty. It is filled by one goroutine first; from then on any number may look
// up at a time.
type Table[V any] struct {
	root  fork[V]
	rules []*rule[V] // in the order in which they were added
}

// rule is a pattern and what stands under it.
type rule[V any] struct {
	pattern Pattern
	value   V
}

// fork is a place in patterns, after some segments, and where they go on from there.
type fork[V any] struct {
	literals map[string]*fork[V] // by the literal segment that follows; nil where none does
	single   *fork[V]            // where a parameter follows
	tail     *rule[V]            // the pattern that takes the rest from here
	here     *rule[V]            // the pattern that ends here
}

var errNoPattern = errors.New("pattern is the zero value: ParsePattern makes one")

// Add puts v under p. Of two patterns that match a common topic one must be more
// specific: must match some of the topics that the other matches, and no more. If p and
// one already there are not so, the error is a *ConflictError and nothing is added. Any
// other error means that p is the zero value. The time it takes grows with the number
// of patterns already there.
func (t *Table[V]) Add(p Pattern, v V) error {
	if p.text == "" {
		return errNoPattern
	}
	for _, old := range t.rules {
		if err := conflict(p.text, old.pattern.text); err != nil {
			return err
		}
	}
	r := &rule[V]{pattern: p, value: v}
	t.rules = append(t.rules, r)
	t.root.add(p.text, r)
	return nil
}

// conflict is a *ConflictError if p and the older q match a common topic and neither is
// more specific, else nil.
func conflict(p, q string) error {
	if disjoint(p, q) || within(p, q) != within(q, p) {
		return nil
	}
	topic := common(p, q)
	if len(topic) > MaxLen {
		return nil // what both match is too long to be a topic
	}
	return &ConflictError{New: p, Old: q, Topic: topic}
}

// Lookup finds the most specific pattern that matches name, a topic that Valid takes,
// and what was put under it; ok is false if none matches. It allocates nothing.
func (t *Table[V]) Lookup(name string) (v V, p Pattern, ok bool) {
	if Reserved(name) {
		return v, p, false
	}
	r := t.root.find(name)
	if r == nil {
		return v, p, false
	}
	return r.value, r.pattern, true
}

// Len is the number of patterns.
func (t *Table[V]) Len() int { return len(t.rules) }

// add enters r, whose pattern goes on from here with the segments of form.
func (f *fork[V]) add(form string, r *rule[V]) {
	for more := true; more; {
		var segment string
		segment, form, more = cut(form)
		switch kindOf(segment) {
		case tail:
			f.tail = r
			return
		case single:
			if f.single == nil {
				f.single = &fork[V]{}
			}
			f = f.single
		default:
			if f.literals == nil {
				f.literals = map[string]*fork[V]{}
			}
			if f.literals[segment] == nil {
				f.literals[segment] = &fork[V]{}
			}
			f = f.literals[segment]
		}
	}
	f.here = r
}

// find is the most specific rule for a topic that goes on from here with the segments
// of name, or nil. All that match it are within one another, as Add sees to; where two
// of those part, the one with the literal is within the other, and one with a parameter
// is within one that takes the rest. So the first that is found, in this order, is it.
func (f *fork[V]) find(name string) *rule[V] {
	segment, name, more := cut(name)
	for _, next := range [...]*fork[V]{f.literals[segment], f.single} {
		if next == nil {
			continue
		}
		if !more {
			if next.here != nil {
				return next.here
			}
		} else if r := next.find(name); r != nil {
			return r
		}
	}
	return f.tail
}
