package wire

import (
	"encoding/binary"
	"errors"
)

// Opcodes (RFC 6455, section 5.2).
const (
	OpText  = 0x1
	OpClose = 0x8
	OpPing  = 0x9
	OpPong  = 0xA
)

// Bits and limits of a frame's head (RFC 6455, section 5.2).
const (
	bitFin    = 0x80
	bitsRSV   = 0x70
	bitMask   = 0x80
	len16     = 126
	len64     = 127
	maxLength = 1 << 20 // ours: the longest payload taken, 1 MiB
)

// Errors of Next.
var (
	ErrReserved   = errors.New("wire: a reserved bit is set, but no extension was offered")
	ErrFragmented = errors.New("wire: a fragmented message, which the generator does not take")
	ErrTooLong    = errors.New("wire: a frame of more than 1 MiB")
)

// Frame is one frame. Payload is a part of the buffer it was read from: it holds until that buffer is
// written to again.
type Frame struct {
	Op      byte
	Masked  bool
	Key     uint32 // the masking key as it stood on the wire, little-endian; 0 where Masked is false
	Payload []byte
}

// Next takes the first frame off b. It returns the frame and how many bytes of b it took; 0 bytes and
// no error mean that the frame's end is not there yet. The payload of a masked frame is returned
// masked: see Mask. It does not block and allocates nothing (RFC 6455, section 5.2).
func Next(b []byte) (f Frame, n int, err error) {
	if len(b) < 2 {
		return f, 0, nil
	}
	switch {
	case b[0]&bitsRSV != 0:
		return f, 0, ErrReserved
	case b[0]&bitFin == 0 || b[0]&0xF == 0:
		return f, 0, ErrFragmented
	}
	length, head := uint64(b[1]&^bitMask), 2
	switch length {
	case len16:
		if len(b) < 4 {
			return f, 0, nil
		}
		length, head = uint64(binary.BigEndian.Uint16(b[2:])), 4
	case len64:
		if len(b) < 10 {
			return f, 0, nil
		}
		length, head = binary.BigEndian.Uint64(b[2:]), 10
	}
	if length > maxLength {
		return f, 0, ErrTooLong
	}
	f.Op, f.Masked = b[0]&0xF, b[1]&bitMask != 0
	if f.Masked {
		head += 4
	}
	end := head + int(length)
	if len(b) < end {
		return Frame{}, 0, nil
	}
	if f.Masked {
		f.Key = binary.LittleEndian.Uint32(b[head-4:])
	}
	f.Payload = b[head:end:end]
	return f, end, nil
}

// Append adds a final frame with this opcode and payload to dst, unmasked, as a server sends it, and
// returns the longer slice.
func Append(dst []byte, op byte, payload []byte) []byte {
	dst = appendHead(dst, op, 0, len(payload))
	return append(dst, payload...)
}

// AppendMasked adds a final frame masked with key, as a client must send it (RFC 6455, section 5.3), and
// returns the longer slice. payload itself is left as it is.
func AppendMasked(dst []byte, op byte, payload []byte, key uint32) []byte {
	dst = appendHead(dst, op, bitMask, len(payload))
	dst = binary.LittleEndian.AppendUint32(dst, key)
	start := len(dst)
	dst = append(dst, payload...)
	Mask(dst[start:], key)
	return dst
}

// Mask applies key to payload in place; applied twice it restores it (RFC 6455, section 5.3).
func Mask(payload []byte, key uint32) {
	wide := uint64(key)<<32 | uint64(key)
	for len(payload) >= 8 {
		binary.LittleEndian.PutUint64(payload, binary.LittleEndian.Uint64(payload)^wide)
		payload = payload[8:]
	}
	for i := range payload {
		payload[i] ^= byte(key >> (8 * (i & 3)))
	}
}

// HeadLength returns the bytes that come before an unmasked payload of this length.
func HeadLength(payload int) int {
	switch {
	case payload < len16:
		return 2
	case payload < 1<<16:
		return 4
	}
	return 10
}

func appendHead(dst []byte, op, mask byte, length int) []byte {
	dst = append(dst, bitFin|op)
	switch HeadLength(length) {
	case 2:
		return append(dst, mask|byte(length))
	case 4:
		return binary.BigEndian.AppendUint16(append(dst, mask|len16), uint16(length))
	}
	return binary.BigEndian.AppendUint64(append(dst, mask|len64), uint64(length))
}
