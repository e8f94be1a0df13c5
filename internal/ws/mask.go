package ws

import (
	"encoding/binary"
	"math/bits"
)

// Mask puts the client's mask on b, or takes it off, in place: RFC 6455, section
// 5.3. pos is the position of b's first byte within the frame's payload, of which
// only the remainder by 4 counts; next is the position after its last byte,
// between 0 and 3, for the part of the payload that follows.
func Mask(b []byte, key [4]byte, pos int) (next int) {
	next = (pos + len(b)) & 3
	// Rotated, the key's first byte is the one that b's first byte needs.
	k := bits.RotateLeft32(binary.LittleEndian.Uint32(key[:]), -8*(pos&3))
	kk := uint64(k)<<32 | uint64(k)
	for len(b) >= 64 {
		maskWord(b[0:8:64], kk)
		maskWord(b[8:16:64], kk)
		maskWord(b[16:24:64], kk)
		maskWord(b[24:32:64], kk)
		maskWord(b[32:40:64], kk)
		maskWord(b[40:48:64], kk)
		maskWord(b[48:56:64], kk)
		maskWord(b[56:64:64], kk)
		b = b[64:]
	}
	for len(b) >= 8 {
		maskWord(b[0:8], kk)
		b = b[8:]
	}
	for i := range b {
		b[i] ^= byte(kk)
		kk >>= 8
	}
	return next
}

// maskWord masks the 8 bytes of b. Little-endian on every machine: the key was
// read that way, and compilers turn it into one load and one store.
func maskWord(b []byte, kk uint64) {
	binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^kk)
}
