package protocol

// array walks over the elements of a JSON array that has been scanned already, so
// that nothing in it can be wrong:
//
//	for a := newArray(raw); a.next(); {
//		… a.value …
//	}
type array struct {
	b     []byte
	at    int    // where the next element is looked for
	value []byte // the element without white space around it, a part of b
}

// newArray is the walk over raw, which begins with a bracket.
func newArray(raw []byte) array { return array{b: raw, at: 1} }

// next reads one element. It is false at the end.
func (a *array) next() bool {
	i := skipSpace(a.b, a.at)
	if a.b[i] == ']' {
		return false
	}
	if a.b[i] == ',' {
		i = skipSpace(a.b, i+1)
	}
	end, _ := scanValue(a.b, i)
	a.value, a.at = a.b[i:end:end], end
	return true
}
