package presence

import "time"

// line is a list of entries, first due first.
type line struct {
	head, tail *entry
	delay      time.Duration
}

// entry is a place in at most one line.
type entry struct {
	prev, next *entry
	in         *line // nil: in none
	due        time.Duration
	owner      any
}

// link puts an entry that is in no line at the end of this one.
func (l *line) link(e *entry) {
	e.in, e.prev = l, l.tail
	if l.tail == nil {
		l.head = e
	} else {
		l.tail.next = e
	}
	l.tail = e
}

// unlink takes the entry out of its line, if it is in one.
func (e *entry) unlink() {
	l := e.in
	if l == nil {
		return
	}
	if e.prev == nil {
		l.head = e.next
	} else {
		e.prev.next = e.next
	}
	if e.next == nil {
		l.tail = e.prev
	} else {
		e.next.prev = e.prev
	}
	e.prev, e.next, e.in = nil, nil, nil
}
