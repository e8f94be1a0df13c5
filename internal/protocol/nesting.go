package protocol

// nesting is the stack of the arrays and objects around the innermost open one,
// one bit for each: 1 is an object.
type nesting struct {
	bits  [MaxDepth / 64]uint64
	depth int // how many are open, the innermost one included
}

// push makes room for another array or object within the one that end closes; it
// is false where MaxDepth are open. At depth 0, end is of no importance.
func (n *nesting) push(end byte) bool {
	if n.depth >= MaxDepth {
		return false
	}
	word, bit := uint(n.depth)/64, uint64(1)<<(uint(n.depth)%64)
	if end == '}' {
		n.bits[word] |= bit
	} else {
		n.bits[word] &^= bit
	}
	n.depth++
	return true
}

// pop forgets the innermost one, and gives the bracket that closes the one around
// it, or 0 where there is none.
func (n *nesting) pop() byte {
	n.depth--
	if n.depth <= 0 {
		return 0
	}
	d := uint(n.depth)
	if n.bits[d/64%uint(len(n.bits))]>>(d%64)&1 == 1 {
		return '}'
	}
	return ']'
}

// wantComma is the fault of an array or object in which neither a comma nor end
// follows a value.
func wantComma(end byte) fault {
	if end == '}' {
		return wantCommaOrBrace
	}
	return wantCommaOrBracket
}
