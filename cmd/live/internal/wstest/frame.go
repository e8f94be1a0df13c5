package wstest

import (
	"bufio"
	"encoding/binary"
	"io"
	"math"
)

// Opcodes: RFC 6455, section 5.2.
const (
	opText  = 1
	opClose = 8
)

// Payload lengths in a header: RFC 6455, section 5.2.
const (
	length16  = 126
	length64  = 127
	masked    = 0x80
	final     = 0x80
	maxServer = 1 << 20 // longest frame taken from a server
)

// appendFrame appends one masked frame with a mask of zeros, which leaves the
// payload as it is.
func appendFrame(dst []byte, op byte, payload []byte) []byte {
	dst = append(dst, final|op)
	switch n := len(payload); {
	case n < length16:
		dst = append(dst, masked|byte(n))
	case n <= math.MaxUint16:
		dst = binary.BigEndian.AppendUint16(append(dst, masked|length16), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, masked|length64), uint64(n))
	}
	dst = append(dst, 0, 0, 0, 0)
	return append(dst, payload...)
}

// readFrame reads one unmasked, unfragmented frame.
func readFrame(r *bufio.Reader) (op byte, payload []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := uint64(head[1])
	switch n {
	case length16:
		var ext [2]byte
		_, err = io.ReadFull(r, ext[:])
		n = uint64(binary.BigEndian.Uint16(ext[:]))
	case length64:
		var ext [8]byte
		_, err = io.ReadFull(r, ext[:])
		n = binary.BigEndian.Uint64(ext[:])
	}
	if err != nil || n > maxServer {
		return 0, nil, io.ErrUnexpectedEOF
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(r, payload)
	return head[0] & 0x0f, payload, err
}
