package protocol

import (
	"encoding/binary"
	"unicode/utf8"
)

// runeLen is the length of the character beyond ASCII that b begins with, or 0
// where those bytes are not UTF-8: RFC 3629, section 4. Four bytes are looked at
// as one number, the first of them lowest.
func runeLen(b []byte) int {
	if len(b) < 4 {
		if r, n := utf8.DecodeRune(b); r != utf8.RuneError || n > 1 {
			return n
		}
		return 0
	}
	x := binary.LittleEndian.Uint32(b)
	switch {
	case x&0xc0e0 == 0x80c0: // 110xxxxx 10xxxxxx
		if x&0x1e != 0 { // else it would fit in one byte
			return 2
		}
	case x&0xc0c0f0 == 0x8080e0: // 1110xxxx 10xxxxxx 10xxxxxx
		if top := x & 0x200f; top != 0 && top != 0x200d { // else it would fit in two, or is a surrogate
			return 3
		}
	case x&0xc0c0c0f8 == 0x808080f0: // 11110xxx and three more
		if top := x & 0x3007; top != 0 && (top&4 == 0 || top == 4) { // else it would fit in three, or is beyond U+10FFFF
			return 4
		}
	}
	return 0
}
