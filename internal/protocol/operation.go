package protocol

// Operation is what a client asks for in a frame with op, decoded and checked. Which
// fields a kind can have is in docs/protocol.md; the others are zero.
type Operation struct {
	Kind     Kind           // which operation; 0 after a refusal: not known
	ID       []byte         // raw JSON, a number or a string of at most 64 bytes; nil: absent. Part of the frame
	Topic    string         // "" where the operation has none, or has Topics; for a call, what is called
	Batch    bool           // it came with "topics"
	Topics   []TopicRequest // of "topics", in the order written
	Since    *Position      // go on after this; nil: absent, or null
	Last     int            // join with the newest so many, 1 to 1,000,000; 0: absent
	Limit    int            // answer at most so many, 1 to 1,000,000; 0: absent
	Before   uint64         // what comes before this seq, 1 to 2^53-1; 0: absent
	Presence bool           // tell who is there, comes and goes
	Data     []byte         // raw JSON, part of the frame; nil: absent
	Token    string         // of an auth's data, 1 byte to 16 KiB
	Key      string         // what a publication is about, up to 128 bytes without control characters; "": absent
	Dedup    string         // what makes a publish the same as an earlier one, up to 128 bytes likewise; "": absent
	NoEcho   bool           // "echo":false: not back to the publisher
}

// TopicRequest is one topic of an operation on many: 1 to MaxTopic bytes of UTF-8.
type TopicRequest struct {
	Topic string    // decoded
	Since *Position // subscribe's position for it; nil: none
}

// ParseOperation fills op with what frame asks for. It is strict, so that a client's
// mistake is never taken for something else: a member that the operation does not
// know, one given twice, one of a wrong type or out of its range are refused. Topics
// have to pass CheckTopic; whether they are names that can be subscribed to is for
// others to see.
//
// The error is an *Error whose text is meant for the client. Then op has no more than
// its Kind, 0 where that is not known, and its ID, nil where there is none that a
// reply could carry; the ID is found wherever it stands in the frame, but behind a
// fault of the JSON itself.
//
// It allocates the strings, Topics and positions of op, and for more than a few
// topics a set to find repeated ones with; a ping costs nothing. op keeps parts of
// frame: its ID and Data.
func ParseOperation(frame []byte, op *Operation) error {
	*op = Operation{}
	var r request
	f, at := r.cut(frame)
	id, wrongID := r.id()
	op.ID = id
	switch {
	case r.again != 0:
		return errorOf(flaw{repeated, r.again}, 0, r.againAt)
	case f != 0:
		return newError(f, at)
	case wrongID != 0:
		return errorOf(flaw{wrongID, memberID}, 0, 0)
	}
	if op.Kind, f = r.kind(); f != 0 {
		return errorOf(flaw{f, memberOp}, 0, 0)
	}
	if r.unknown {
		return errorOf(flaw{fault: unknownMember}, op.Kind, r.unknownAt)
	}
	w := kinds[op.Kind].check(r.given)
	if w.fault == 0 {
		w = op.read(&r)
	}
	if w.fault != 0 {
		*op = Operation{Kind: op.Kind, ID: op.ID}
		return errorOf(w, op.Kind, 0)
	}
	return nil
}

// read decodes the members, each of which the kind takes.
func (op *Operation) read(r *request) flaw {
	for rest := r.given &^ setOf(memberOp, memberID); rest != 0; rest &= rest - 1 {
		m := rest.first()
		if w := op.readMember(m, r.values[m]); w.fault != 0 {
			return w
		}
	}
	return flaw{}
}

func (op *Operation) readMember(m member, raw []byte) (w flaw) {
	var f fault
	switch m {
	case memberTopic:
		f = readString(&op.Topic, raw, m)
	case memberTopics:
		return op.readTopics(raw)
	case memberData:
		return op.readData(raw)
	case memberSince:
		op.Since, w = readSince(raw)
		return w
	case memberLast:
		f = readNumber(&op.Last, raw, m)
	case memberLimit:
		f = readNumber(&op.Limit, raw, m)
	case memberBefore:
		f = readNumber(&op.Before, raw, m)
	case memberPresence:
		op.Presence, f = readBoolean(raw)
	case memberKey:
		f = readLabel(&op.Key, raw, m)
	case memberDedup:
		f = readLabel(&op.Dedup, raw, m)
	case memberEcho:
		var echo bool
		echo, f = readBoolean(raw)
		op.NoEcho = !echo
	}
	return flaw{f, m}
}

// readData takes any value; of an auth's, an object, it decodes the token.
func (op *Operation) readData(raw []byte) flaw {
	op.Data = raw
	if op.Kind != KindAuth {
		return flaw{}
	}
	if raw[0] != '{' {
		return flaw{dataNotObject, memberData}
	}
	var token []byte
	o := object{b: raw}
	for o.open(); o.next(); {
		var escaped escapedName
		if string(escaped.decoded(o.name)) != "token" {
			continue
		}
		if token != nil {
			return flaw{repeatedWithin, dataToken}
		}
		token = o.value
	}
	if token == nil {
		return flaw{missingWithin, dataToken}
	}
	return flaw{readString(&op.Token, token, dataToken), dataToken}
}
