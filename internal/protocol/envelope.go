package protocol

import "bytes"

// Envelope is an inbound frame cut into its members. Each is the member's raw JSON
// value, a part of the frame without white space around it, nil where the member
// is absent. Nothing is decoded, and nothing outlives the frame's own bytes.
type Envelope struct {
	Topic []byte // a string that CheckTopic would pass, still quoted and escaped; beside Op, any value
	Data  []byte // any value
	Op    []byte // any value: that it is there makes the frame an operation
	ID    []byte // any value

	// Unknown is the name of the first member that is none of these, without its
	// quotes, escaped as it came; nil where there is none. The founding envelope
	// ignores such members.
	Unknown []byte
}

// Split checks that frame is one JSON object as Check would, MaxDepth holding for
// each member's value, and fills e with its members. The four that an Envelope
// names may stand in any order, their names escaped or not, but each only once;
// others are passed over. A topic must be there, a string of 1 to MaxTopic bytes.
//
// Of a frame that has an op, Split looks at the JSON alone: what the members of that
// may be, and a repeated one, are for ParseOperation to judge, which knows the id that
// a refusal needs. Of a member given twice e has the first.
//
// The error is an *Error whose text is meant for the client; e is then of no use.
// Split allocates nothing but that error, and keeps nothing of frame but in e.
func Split(frame []byte, e *Envelope) error {
	*e = Envelope{}
	o := object{b: frame, at: skipSpace(frame, 0)}
	if f := envelopeFault(frame, o.at); f != 0 {
		return newError(f, 0)
	}
	var again member // the first that is given twice
	var place int
	for o.open(); o.next(); {
		if m := e.set(o.name, o.value); m != 0 && again == 0 {
			again, place = m, o.start
		}
	}
	f, at := o.end()
	switch {
	case again != 0 && (f != 0 || e.Op == nil):
		return errorOf(flaw{repeated, again}, 0, place)
	case f != 0:
		return newError(f, at)
	case e.Op != nil:
		return nil
	}
	if f := e.topicFault(); f != 0 {
		return errorOf(flaw{f, memberTopic}, 0, 0)
	}
	return nil
}

// envelopeFault looks at the byte with which a frame begins.
func envelopeFault(frame []byte, i int) fault {
	switch {
	case i == len(frame):
		return emptyFrame
	case frame[i] == '{':
		return 0
	case hasMark(frame):
		return byteOrderMark
	}
	return notObject
}

// set stores one member, unless it is there already: then it gives which one it is.
func (e *Envelope) set(name, value []byte) (again member) {
	room, m := e.member(name)
	if room == nil {
		room, m = e.escapedMember(name)
	}
	switch {
	case room == nil:
		if e.Unknown == nil {
			e.Unknown = name
		}
		return 0
	case *room != nil:
		return m
	}
	*room = value
	return 0
}

// member is where the member of that name goes, and which one it is; nil for a name
// that is not ours.
func (e *Envelope) member(name []byte) (*[]byte, member) {
	switch string(name) {
	case "topic":
		return &e.Topic, memberTopic
	case "data":
		return &e.Data, memberData
	case "op":
		return &e.Op, memberOp
	case "id":
		return &e.ID, memberID
	}
	return nil, 0
}

// escapedMember is member for a name that has escapes.
func (e *Envelope) escapedMember(name []byte) (*[]byte, member) {
	if bytes.IndexByte(name, '\\') < 0 {
		return nil, 0
	}
	var escaped escapedName
	return e.member(escaped.decoded(name))
}

func (e *Envelope) topicFault() fault {
	if e.Topic == nil {
		return topicMissing
	}
	return checkString(e.Topic, 1, MaxTopic)
}

// TopicString is the decoded topic: 1 to MaxTopic bytes of UTF-8. It is "" where a
// frame with an op has none, or one that is no topic. It is a copy: one allocation.
func (e *Envelope) TopicString() string {
	if e.Topic == nil || e.Op != nil && e.topicFault() != 0 {
		return ""
	}
	return decodeString(e.Topic)
}

// DataOrNull is Data, and null where the frame has none. Appending to it does not
// write to the frame.
func (e *Envelope) DataOrNull() []byte {
	if e.Data == nil {
		return []byte("null")
	}
	return e.Data
}
