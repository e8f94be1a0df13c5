package memory

import "math"

// never is later than any time.
const never = math.MaxInt64

// agenda is a heap of topics by when they are to be looked at. A topic is in it
// once, however much it has to expire: what it is wanted for later is found out
// when it is looked at.
type agenda []*topic

// due is when the first is to be looked at.
func (a agenda) due() int64 {
	if len(a) == 0 {
		return never
	}
	return a[0].due
}

// add puts t in, or forward, to be looked at then or before.
func (a *agenda) add(t *topic, due int64) {
	switch {
	case t.place == 0:
		*a = append(*a, t)
		t.place = int32(len(*a))
	case t.due <= due:
		return
	}
	t.due = due
	a.up(int(t.place) - 1)
}

// remove takes t out if it is in.
func (a *agenda) remove(t *topic) {
	if t.place == 0 {
		return
	}
	i, last := int(t.place)-1, len(*a)-1
	t.place = 0
	moved := (*a)[last]
	(*a)[last] = nil
	if *a = (*a)[:last]; moved != t {
		a.put(i, moved)
		a.up(i)
		a.down(int(moved.place) - 1)
	}
	if last == 0 {
		*a = nil
	} else if cap(*a) > 64 && last < cap(*a)/4 {
		*a = append(make(agenda, 0, 2*last), *a...)
	}
}

func (a agenda) put(i int, t *topic) {
	a[i] = t
	t.place = int32(i) + 1
}

func (a agenda) up(i int) {
	for t := a[i]; i > 0; {
		parent := (i - 1) / 2
		if a[parent].due <= t.due {
			return
		}
		a.put(i, a[parent])
		a.put(parent, t)
		i = parent
	}
}

func (a agenda) down(i int) {
	for t := a[i]; ; {
		child := 2*i + 1
		if child+1 < len(a) && a[child+1].due < a[child].due {
			child++
		}
		if child >= len(a) || t.due <= a[child].due {
			return
		}
		a.put(i, a[child])
		a.put(child, t)
		i = child
	}
}
