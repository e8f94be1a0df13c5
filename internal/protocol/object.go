package protocol

// object walks over the members of one JSON object, and checks it on the way:
//
//	o := object{b: frame}
//	for o.open(); o.next(); {
//		… o.name, o.value …
//	}
//	if o.fault != 0 { … o.at … }
//
// The spans that it gives are parts of b: nothing is decoded, nothing allocated.
type object struct {
	b []byte

	at    int   // the next member, or the byte after the object; after a fault, its place
	fault fault // why the walk ended, 0 where the object did
	first bool  // no member was read yet

	name  []byte // the member's name without its quotes, escaped as it came
	value []byte // the member's value without white space around it
	start int    // where the name begins in b: its opening quote
}

// open steps over the opening brace at o.at.
func (o *object) open() {
	o.at = skipSpace(o.b, o.at+1)
	o.first = true
}

// next reads one member. It is false at the end of the object and at a fault.
func (o *object) next() bool {
	b, i := o.b, o.at
	if i >= len(b) {
		return o.fail(i, endsEarly)
	}
	switch {
	case b[i] == '}':
		o.at = i + 1
		return false
	case o.first:
		o.first = false
	case b[i] != ',':
		return o.fail(i, wantCommaOrBrace)
	default:
		i = skipSpace(b, i+1)
	}
	end, v, f := scanName(b, i)
	if f != 0 {
		return o.fail(v, f)
	}
	o.start, o.name = i, b[i+1:end-1]
	if i, f = scanValue(b, v); f != 0 {
		return o.fail(i, f)
	}
	o.value = b[v:i:i]
	o.at = skipSpace(b, i)
	return true
}

func (o *object) fail(at int, f fault) bool {
	o.at, o.fault = at, f
	return false
}

// end is the fault of b as a whole once the walk is over, and its place: that of the
// walk, or of what follows the object.
func (o *object) end() (fault, int) {
	if o.fault != 0 {
		return o.fault, o.at
	}
	if at := skipSpace(o.b, o.at); at < len(o.b) {
		return trailing, at
	}
	return 0, 0
}
