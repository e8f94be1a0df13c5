package ws

// Event is what a Reader found: a message or a control frame.
type Event struct {
	// Op is OpText or OpBinary for a whole message, its fragments joined, or
	// OpPing, OpPong or OpClose for a control frame, which may come between the
	// fragments of a message (RFC 6455, section 5.4).
	Op Opcode

	// Payload is unmasked. That of OpText is valid UTF-8, that of a control frame
	// has at most MaxControlPayload bytes; that of OpClose is for ParseClose.
	Payload []byte

	// Owned says that the Reader has let go of Payload's memory: the caller may
	// keep it. Otherwise Payload is a part of the input and lives as long as that.
	Owned bool
}

// Reader turns the bytes of one connection, however they are cut, into events:
// RFC 6455, sections 5 and 6.2. The zero value is ready and holds no memory, nor
// does a Reader that is Idle. It never blocks, and is not safe for concurrent use.
type Reader struct {
	msg message // the message that is open

	// The frame whose payload is coming, while left > 0.
	left int // bytes of payload to come
	op   Opcode
	fin  bool
	pos  uint8 // position in key of the next byte
	key  [4]byte

	ctl []byte // the payload so far of a control frame that is in parts

	// The header that is coming, while headLen > 0.
	headLen uint8
	head    [maxClientHeader]byte
}

// Next consumes the start of in, up to the end of the next message or control
// frame: if there is one (ok), rest is what follows it. Otherwise all of in is
// consumed and Next wants to be called with what the peer sends next.
//
// Payloads are unmasked within in, which the caller thereby gives away to be
// written to. A message in one frame that begins and ends in one input is not
// copied; the memory for any other grows with what has come of it.
//
// limit is the greatest payload of a message in bytes, all its fragments
// together; a negative one is 0. Control frames do not count.
//
// The error is an *Error: CloseProtocolError, CloseTooBig (from the header,
// before the payload is waited for) or CloseInvalidPayload (with the first byte
// that cannot be part of UTF-8 text). After an error, and after OpClose, nothing
// that follows has a meaning: do not call Next again before Reset.
func (r *Reader) Next(in []byte, limit int) (ev Event, ok bool, rest []byte, err error) {
	for {
		if r.left == 0 {
			n, whole, err := r.header(in, max(limit, 0))
			if err != nil || !whole {
				return Event{}, false, nil, err
			}
			in = in[n:]
		}
		n := min(r.left, len(in))
		// Capped, so that who appends to a payload does not write into the rest.
		part := in[:n:n]
		in = in[n:]
		r.pos = uint8(Mask(part, r.key, int(r.pos)))
		r.left -= n
		if r.op.Control() {
			ev, ok = r.control(part)
		} else {
			ev, ok, err = r.data(part, limit)
		}
		if ok || err != nil {
			return ev, ok, in, err
		}
		if r.left > 0 {
			return Event{}, false, nil, nil
		}
	}
}

// Idle reports whether the Reader is between two messages and has nothing
// half-received: no part of a header, no part of a frame, no fragment. It may then
// serve another connection. After an error it is not to be asked.
func (r *Reader) Idle() bool {
	return r.left == 0 && r.headLen == 0 && r.msg.op == OpContinuation
}

// Reset forgets all that was received and lets go of the memory for it.
func (r *Reader) Reset() { *r = Reader{} }

// header takes the rest of a header from the start of in and returns how much of
// in that was. While the header is not whole, all of in is kept.
func (r *Reader) header(in []byte, limit int) (n int, whole bool, err error) {
	b, had := in, int(r.headLen)
	if had > 0 {
		more := copy(r.head[had:], in)
		b = r.head[:had+more]
	}
	room := max(limit-len(r.msg.buf), 0)
	h, size, err := parseHeader(b, r.msg.op, room, limit)
	if err != nil {
		return 0, false, err
	}
	if size == 0 {
		if had == 0 {
			copy(r.head[:], in)
		}
		r.headLen = uint8(len(b))
		return len(in), false, nil
	}
	r.headLen = 0
	r.left, r.op, r.fin, r.key, r.pos = int(h.n), h.op, h.fin, h.key, 0
	if h.op == OpText || h.op == OpBinary {
		r.msg.op = h.op
	}
	return size - had, true, nil
}

// control takes the next part of a control frame's payload.
func (r *Reader) control(part []byte) (ev Event, ok bool) {
	if r.left == 0 && len(r.ctl) == 0 {
		return Event{Op: r.op, Payload: part}, true
	}
	r.ctl = append(r.ctl, part...)
	if r.left > 0 {
		return Event{}, false
	}
	ev = Event{Op: r.op, Payload: r.ctl, Owned: true}
	r.ctl = nil
	return ev, true
}

// data takes the next part of a message's payload.
func (r *Reader) data(part []byte, limit int) (ev Event, ok bool, err error) {
	if err := r.msg.check(part); err != nil {
		return Event{}, false, err
	}
	end := r.fin && r.left == 0
	if end {
		if err := r.msg.checkEnd(); err != nil {
			return Event{}, false, err
		}
		if len(r.msg.buf) == 0 {
			ev = Event{Op: r.msg.op, Payload: part}
			r.msg.op = OpContinuation
			return ev, true, nil
		}
	}
	most := limit
	if r.fin {
		most = len(r.msg.buf) + len(part) + r.left
	}
	r.msg.add(part, most)
	if !end {
		return Event{}, false, nil
	}
	ev = Event{Op: r.msg.op, Payload: r.msg.buf, Owned: true}
	r.msg = message{}
	return ev, true, nil
}
