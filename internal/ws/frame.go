package ws

import "encoding/binary"

// Sizes of frames in bytes: RFC 6455, sections 5.2 and 5.5. A server's frames
// have no masking key, so their headers are at most 10 bytes long.
const (
	MaxHeaderSize     = 10  // longest header of a frame to the client
	MaxControlPayload = 125 // longest payload of a close, ping or pong

	maxLen7  = 125       // longest payload whose length fits the second byte
	maxLen16 = 1<<16 - 1 // longest payload whose length fits two more bytes
)

// The bits of a header's first two bytes: RFC 6455, section 5.2.
//
//	byte 0: FIN RSV1 RSV2 RSV3 opcode(4)
//	byte 1: MASK length(7), where 126 and 127 announce a length of 2 and 8 bytes
const (
	bitFIN  = 0x80
	bitsRSV = 0x70
	bitMask = 0x80
	maskOp  = 0x0F
	maskLen = 0x7F
	len16   = 126
	len64   = 127
)

// HeaderSize returns how many bytes the header of a frame to the client takes
// for a payload of n bytes: 2, 4 or 10.
func HeaderSize(n int) int {
	switch {
	case n <= maxLen7:
		return 2
	case n <= maxLen16:
		return 4
	}
	return 10
}

// PutHeader writes the header of a whole, unmasked frame with a payload of n
// bytes at the start of buf and returns its size, HeaderSize(n). It panics when
// buf is shorter than that. A caller that keeps MaxHeaderSize bytes free in
// front of a payload puts the header at buf[MaxHeaderSize-HeaderSize(n):].
func PutHeader(buf []byte, op Opcode, n int) int {
	switch size := HeaderSize(n); size {
	case 2:
		_ = buf[1]
		buf[0], buf[1] = bitFIN|byte(op), byte(n)
		return size
	case 4:
		_ = buf[3]
		buf[0], buf[1] = bitFIN|byte(op), len16
		binary.BigEndian.PutUint16(buf[2:], uint16(n))
		return size
	default:
		_ = buf[9]
		buf[0], buf[1] = bitFIN|byte(op), len64
		binary.BigEndian.PutUint64(buf[2:], uint64(n))
		return size
	}
}

// AppendHeader appends the header of a whole, unmasked frame with a payload of n
// bytes: FIN set, no reserved bits, the length in its shortest form. The caller
// appends the payload, of at most MaxControlPayload bytes for a control frame.
func AppendHeader(dst []byte, op Opcode, n int) []byte {
	var head [MaxHeaderSize]byte
	return append(dst, head[:PutHeader(head[:], op, n)]...)
}

// AppendFrame appends a whole, unmasked frame. The payload is copied as it is:
// that of a text frame must be UTF-8, that of a control frame at most
// MaxControlPayload bytes; a close frame is better made with AppendClose.
func AppendFrame(dst []byte, op Opcode, payload []byte) []byte {
	return append(AppendHeader(dst, op, len(payload)), payload...)
}
