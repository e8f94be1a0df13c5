package ws

import (
	"encoding/binary"
	"strconv"
)

// maxClientHeader is the longest header of a frame from a client: 2 bytes, 8 of
// length, 4 of masking key (RFC 6455, section 5.2).
const maxClientHeader = 14

// header is the header of one frame from a client.
type header struct {
	fin bool
	op  Opcode
	key [4]byte
	n   uint64 // bytes of payload
}

// The violations that a header shows: RFC 6455, sections 5.1, 5.2, 5.4 and 5.5.
var (
	errReservedBits      = protocolError("reserved bit set in a frame: no extension was negotiated")
	errReservedOpcode    = protocolError("reserved opcode in a frame")
	errControlFragmented = protocolError("fragmented control frame: a close, ping or pong must be one frame")
	errControlTooLong    = protocolError("control frame with more than 125 bytes of payload")
	errNothingToContinue = protocolError("continuation frame without a message to continue")
	errMessageOpen       = protocolError("new message inside a fragmented one: finish that with continuation frames")
	errUnmasked          = protocolError("frame without a mask: a client must mask every frame")
	errLengthForm        = protocolError("payload length not in its shortest form")
	errLengthBit         = protocolError("payload length with its highest bit set")
)

// parseHeader reads the header at the start of b and returns its size, or 0 while
// b does not yet have all of it. Each rule is checked as soon as b has the bytes
// it needs, in the order of these bytes, so that the same error comes first at
// any split. open is the opcode of the message that is open, OpContinuation if
// none is; room is how many more bytes it may have, of limit in all: neither is
// negative.
func parseHeader(b []byte, open Opcode, room, limit int) (h header, size int, err error) {
	if len(b) == 0 {
		return h, 0, nil
	}
	if err := checkFirst(b[0], open); err != nil {
		return h, 0, err
	}
	if len(b) < 2 {
		return h, 0, nil
	}
	h.fin, h.op = b[0]&bitFIN != 0, Opcode(b[0]&maskOp)
	h.n, size = uint64(b[1]&maskLen), 2
	if b[1]&bitMask == 0 {
		return h, 0, errUnmasked
	}
	if h.n > maxLen7 {
		if h.op.Control() {
			return h, 0, errControlTooLong
		}
		if h.n, size, err = longLength(b); err != nil || size == 0 {
			return h, 0, err
		}
	}
	if h.n > uint64(room) && !h.op.Control() {
		return h, 0, tooBig(limit)
	}
	if len(b) < size+4 {
		return h, 0, nil
	}
	h.key = [4]byte(b[size:])
	return h, size + 4, nil
}

// checkFirst checks what the first byte of a header says by itself and in its
// place: the bits, the opcode, the sequence of fragments.
func checkFirst(b byte, open Opcode) error {
	if b&bitsRSV != 0 {
		return errReservedBits
	}
	switch op := Opcode(b & maskOp); op {
	case OpContinuation:
		if open == OpContinuation {
			return errNothingToContinue
		}
	case OpText, OpBinary:
		if open != OpContinuation {
			return errMessageOpen
		}
	case OpClose, OpPing, OpPong:
		if b&bitFIN == 0 {
			return errControlFragmented
		}
	default:
		return errReservedOpcode
	}
	return nil
}

// longLength reads the length of 2 or 8 bytes that the second byte of b announces
// and returns the size of the header up to its end, or 0 while b does not have
// all of it.
func longLength(b []byte) (n uint64, size int, err error) {
	if b[1]&maskLen == len16 {
		if len(b) < 4 {
			return 0, 0, nil
		}
		if n = uint64(binary.BigEndian.Uint16(b[2:])); n <= maxLen7 {
			return 0, 0, errLengthForm
		}
		return n, 4, nil
	}
	if len(b) > 2 && b[2]&0x80 != 0 {
		return 0, 0, errLengthBit
	}
	if len(b) < 10 {
		return 0, 0, nil
	}
	if n = binary.BigEndian.Uint64(b[2:]); n <= maxLen16 {
		return 0, 0, errLengthForm
	}
	return n, 10, nil
}

// tooBig is the violation of the limit on a message.
func tooBig(limit int) error {
	return &Error{Code: CloseTooBig, Reason: "message over the limit of " + strconv.Itoa(limit) + " bytes"}
}
