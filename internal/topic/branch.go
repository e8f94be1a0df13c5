package topic

import (
	"hash/maphash"
	"strings"
)

// branch is a literal segment and the node it leads to; with those to its left and right
// it is the set of all that lead on from one node, nil if there are none. It is a tree
// that is ordered by segment and, from the top down, by priority (a treap), and it never
// changes: to put a segment in or take one out copies about as many branches as the tree
// is deep, whereas a map would have to be copied whole, and a program may well have a
// wildcard for every one of its users: user:42:*.
type branch[V any] struct {
	segment     string
	priority    uint64 // a hash of segment, the greatest on top: it keeps the tree flat
	to          *node[V]
	left, right *branch[V]
}

// prioritySeed differs from run to run, so that nobody can choose segments whose
// priorities make a tree deep.
var prioritySeed = maphash.MakeSeed()

// get is the node that segment leads to, or nil. The receiver may be nil.
func (b *branch[V]) get(segment string) *node[V] {
	for b != nil {
		switch order := strings.Compare(segment, b.segment); {
		case order < 0:
			b = b.left
		case order > 0:
			b = b.right
		default:
			return b.to
		}
	}
	return nil
}

// with is the tree in which segment leads to the node. Its top is nobody else's yet.
func (b *branch[V]) with(segment string, to *node[V]) *branch[V] {
	if b == nil {
		return &branch[V]{segment: segment, priority: maphash.String(prioritySeed, segment), to: to}
	}
	c := *b
	switch order := strings.Compare(segment, b.segment); {
	case order == 0:
		c.to = to
	case order < 0:
		left := b.left.with(segment, to)
		if left.priority > c.priority {
			c.left, left.right = left.right, &c
			return left
		}
		c.left = left
	default:
		right := b.right.with(segment, to)
		if right.priority > c.priority {
			c.right, right.left = right.left, &c
			return right
		}
		c.right = right
	}
	return &c
}

// without is the tree without segment, which is in it.
func (b *branch[V]) without(segment string) *branch[V] {
	c := *b
	switch order := strings.Compare(segment, b.segment); {
	case order == 0:
		return join(b.left, b.right)
	case order < 0:
		c.left = b.left.without(segment)
	default:
		c.right = b.right.without(segment)
	}
	return &c
}

// join is the tree of both, whose segments are all less in left than in right.
func join[V any](left, right *branch[V]) *branch[V] {
	switch {
	case left == nil:
		return right
	case right == nil:
		return left
	case left.priority > right.priority:
		c := *left
		c.right = join(left.right, right)
		return &c
	default:
		c := *right
		c.left = join(left, right.left)
		return &c
	}
}
