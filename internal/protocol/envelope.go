package protocol

import "bytes"

// Envelope is an inbound frame cut into its members. Each is the member's raw JSON
// value, a part of the frame without white space around it, nil where the member
// is absent. Nothing is decoded, and nothing outlives the frame's own bytes.
type Envelope struct {
	Topic []byte // a string that CheckTopic would pass, still quoted and escaped
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
// others are passed over. A topic must be a string of 1 to MaxTopic bytes, and must
// be there unless the frame has an op. What an op or an id may be is for whoever
// runs operations to check.
//
// The error is an *Error whose text is meant for the client; e is then of no use.
// Split allocates nothing but that error, and keeps nothing of frame but in e.
func Split(frame []byte, e *Envelope) error {
	*e = Envelope{}
	o := object{b: frame, at: skipSpace(frame, 0)}
	if f := envelopeFault(frame, o.at); f != 0 {
		return newError(f, 0)
	}
	for o.open(); o.next(); {
		if f := e.set(o.name, o.value); f != 0 {
			return newError(f, o.start)
		}
	}
	if o.fault != 0 {
		return newError(o.fault, o.at)
	}
	if end := skipSpace(frame, o.at); end < len(frame) {
		return newError(trailing, end)
	}
	if f := e.topicFault(); f != 0 {
		return newError(f, 0)
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

// set stores one member.
func (e *Envelope) set(name, value []byte) fault {
	member, again := e.member(name)
	if member == nil {
		member, again = e.escapedMember(name)
	}
	switch {
	case member == nil:
		if e.Unknown == nil {
			e.Unknown = name
		}
		return 0
	case *member != nil:
		return again
	}
	*member = value
	return 0
}

// member is where the member of that name goes, and the fault it is to give one
// twice; nil for a name that is not ours.
func (e *Envelope) member(name []byte) (*[]byte, fault) {
	switch string(name) {
	case "topic":
		return &e.Topic, repeatedTopic
	case "data":
		return &e.Data, repeatedData
	case "op":
		return &e.Op, repeatedOp
	case "id":
		return &e.ID, repeatedID
	}
	return nil, 0
}

// maxEscapedName is the length of the longest of our names with every character
// written as an escape: a longer one need not be decoded.
const maxEscapedName = len(`\u0074\u006f\u0070\u0069\u0063`)

// escapedMember is member for a name that has escapes: JSON knows no difference
// between a character and its escape (RFC 8259, section 8.3).
func (e *Envelope) escapedMember(name []byte) (*[]byte, fault) {
	if len(name) > maxEscapedName || bytes.IndexByte(name, '\\') < 0 {
		return nil, 0
	}
	var room [maxEscapedName]byte
	return e.member(appendUnescaped(room[:0], name))
}

func (e *Envelope) topicFault() fault {
	switch {
	case e.Topic != nil:
		return checkRawTopic(e.Topic)
	case e.Op == nil:
		return topicMissing
	}
	return 0
}

// TopicString is the decoded topic: 1 to MaxTopic bytes of UTF-8, "" where a frame
// with an op has none. It is a copy: one allocation.
func (e *Envelope) TopicString() string {
	if e.Topic == nil {
		return ""
	}
	return decodeTopic(e.Topic)
}

// DataOrNull is Data, and null where the frame has none. Appending to it does not
// write to the frame.
func (e *Envelope) DataOrNull() []byte {
	if e.Data == nil {
		return []byte("null")
	}
	return e.Data
}
