package ws

import "fmt"

// Opcode says what a frame carries: RFC 6455, section 5.2.
type Opcode byte

// The opcodes of RFC 6455, section 11.8. 3 to 7 and 11 to 15 are reserved; the
// Reader refuses them.
const (
	OpContinuation Opcode = 0x0 // a further fragment of the message that is open
	OpText         Opcode = 0x1 // a message of UTF-8 text, or its first fragment
	OpBinary       Opcode = 0x2 // a message of any bytes, or its first fragment
	OpClose        Opcode = 0x8 // the closing handshake, see ParseClose
	OpPing         Opcode = 0x9 // to be answered with a pong of the same payload
	OpPong         Opcode = 0xA // the answer to a ping, or unasked for
)

// Control reports whether o is a control opcode, reserved ones included: such a
// frame is never fragmented, may stand between the fragments of a message and
// carries at most MaxControlPayload bytes (RFC 6455, section 5.5).
func (o Opcode) Control() bool { return o&0x8 != 0 }

// String gives the opcode's name in lower case, "opcode 0x3" for a reserved one.
func (o Opcode) String() string {
	switch o {
	case OpContinuation:
		return "continuation"
	case OpText:
		return "text"
	case OpBinary:
		return "binary"
	case OpClose:
		return "close"
	case OpPing:
		return "ping"
	case OpPong:
		return "pong"
	}
	return fmt.Sprintf("opcode 0x%X", byte(o))
}
