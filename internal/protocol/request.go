package protocol

// request is the frame of an operation cut into its members, nothing decoded.
type request struct {
	given  memberSet
	values [memberCount][]byte // by member, as they came; parts of the frame

	again     member // the first that is given twice, 0 where none is
	againAt   int    // where its name begins the second time
	twice     memberSet
	unknown   bool // there is a member that no operation takes
	unknownAt int  // where the first one's name begins
}

// cut fills r. The fault is one of the frame as a whole or of its JSON; r then has
// the members before it.
func (r *request) cut(frame []byte) (fault, int) {
	o := object{b: frame, at: skipSpace(frame, 0)}
	if f := envelopeFault(frame, o.at); f != 0 {
		return f, 0
	}
	for o.open(); o.next(); {
		r.set(&o)
	}
	return o.end()
}

// set stores the member that the walk stands at.
func (r *request) set(o *object) {
	m := memberNamed(o.name)
	if m == 0 {
		var escaped escapedName
		m = memberNamed(escaped.decoded(o.name))
	}
	switch {
	case m == 0:
		if !r.unknown {
			r.unknown, r.unknownAt = true, o.start
		}
	case r.given.has(m):
		r.twice |= setOf(m)
		if r.again == 0 {
			r.again, r.againAt = m, o.start
		}
	default:
		r.given |= setOf(m)
		r.values[m] = o.value
	}
}

// id is the request's id and its fault; nil where there is none, or none that a reply
// could carry.
func (r *request) id() ([]byte, fault) {
	raw := r.values[memberID]
	switch {
	case raw == nil || r.twice.has(memberID):
		return nil, 0
	case raw[0] == '"':
		if f := checkString(raw, 0, maxID); f != 0 {
			return nil, f
		}
	case raw[0] != '-' && !isDigit(raw[0]):
		return nil, badID
	case len(raw) > maxID:
		return nil, longString
	}
	return raw, 0
}

// kind is which operation it is; 0 and a fault for none that there is.
func (r *request) kind() (Kind, fault) {
	raw := r.values[memberOp]
	switch {
	case raw == nil:
		return 0, opMissing
	case raw[0] != '"':
		return 0, notString
	}
	var escaped [len("unsubscribe") * len(`\u0000`)]byte
	if len(raw) > len(escaped)+len(`""`) {
		return 0, opUnknown
	}
	k := kindNamed(appendUnescaped(escaped[:0], raw[1:len(raw)-1]))
	if k == 0 {
		return 0, opUnknown
	}
	return k, 0
}
