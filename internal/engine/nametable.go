package engine

import "hash/maphash"

// nameTable finds subscriptions by the names of their topics, which they have: it needs a
// word for each and, being open addressing, up to two more. A map with the names as keys
// would need five. Its length is a power of two; nil is a free place, of which there
// always is one.
type nameTable []*subscription

var nameSeed = maphash.MakeSeed()

// newNameTable makes one of a list, with room for half as many more at least.
func newNameTable(list []*subscription) nameTable {
	size := 2 * fewTopics
	for 2*size < 3*len(list) || 3*size <= 4*len(list) {
		size *= 2
	}
	t := make(nameTable, size)
	for _, sub := range list {
		t.put(sub)
	}
	return t
}

// place is where the search for a name begins.
func (t nameTable) place(name string) int {
	return int(maphash.String(nameSeed, name) & uint64(len(t)-1))
}

// after is the place after i.
func (t nameTable) after(i int) int { return (i + 1) & (len(t) - 1) }

func (t nameTable) find(name string) *subscription {
	for i := t.place(name); t[i] != nil; i = t.after(i) {
		if t[i].shard.topic.name == name {
			return t[i]
		}
	}
	return nil
}

// put puts in one that is not there; there is room.
func (t nameTable) put(sub *subscription) {
	i := t.place(sub.shard.topic.name)
	for t[i] != nil {
		i = t.after(i)
	}
	t[i] = sub
}

// remove takes out one that is there, and puts those anew that may stand behind it
// because it was in their way.
func (t nameTable) remove(sub *subscription) {
	i := t.place(sub.shard.topic.name)
	for t[i] != sub {
		i = t.after(i)
	}
	t[i] = nil
	for i = t.after(i); t[i] != nil; i = t.after(i) {
		moved := t[i]
		t[i] = nil
		t.put(moved)
	}
}
