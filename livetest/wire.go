package livetest

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/livetopics/live/internal/ws"
)

// appendMasked appends a whole frame as a client sends it (RFC 6455, section 5.2). The
// key may be the same each time: it guards against caches, and there is none here.
func appendMasked(dst []byte, op ws.Opcode, payload []byte) []byte {
	start := len(dst)
	dst = ws.AppendHeader(dst, op, len(payload))
	dst[start+1] |= 0x80
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	dst = append(dst, key[:]...)
	body := len(dst)
	dst = append(dst, payload...)
	ws.Mask(dst[body:], key, 0)
	return dst
}

// mostPayload is the longest frame that is read: no server sends one of 1 GiB.
const mostPayload = 1 << 30

// readFrame reads a frame as a server of ours sends it: whole, and not masked. Any other
// is an error.
func readFrame(r *bufio.Reader) (op ws.Opcode, payload []byte, err error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:2]); err != nil {
		return 0, nil, err
	}
	first, n := head[0], uint64(head[1])
	if first&0xf0 != 0x80 || n&0x80 != 0 {
		return 0, nil, fmt.Errorf("a frame that begins with %x: in parts, masked or with reserved bits", head[:2])
	}
	if long := map[uint64]int{126: 2, 127: 8}[n]; long > 0 {
		clear(head[:])
		if _, err := io.ReadFull(r, head[8-long:]); err != nil {
			return 0, nil, err
		}
		n = binary.BigEndian.Uint64(head[:])
	}
	if n > mostPayload {
		return 0, nil, fmt.Errorf("a frame of %d bytes", n)
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(r, payload)
	return ws.Opcode(first & 0x0f), payload, err
}
