package ws

import (
	"encoding/binary"
	"math/bits"
)

// utf8Checker checks text that arrives in parts: RFC 3629, section 4. Its zero
// value stands between two characters. In the middle of one it knows how many
// bytes are to come and in which range the next must be, which is all that the
// bytes before can say: so a character may be cut anywhere, and the first byte
// that no valid text can have at its place is reported at once.
type utf8Checker struct {
	need   byte // continuation bytes that the character still wants
	lo, hi byte // the range of the next of them, while need > 0
}

// The range of a continuation byte that its lead byte does not narrow.
const contLo, contHi = 0x80, 0xBF

// highBits has the bit set that no ASCII byte has, for 8 bytes at once.
const highBits = 0x8080808080808080

// leads has, for each byte that may begin a character of several bytes, the state
// after it: RFC 3629, section 4. Zero (need 0) for one that may not. The narrowed
// ranges shut out overlong forms (E0, F0), surrogates (ED) and what lies beyond
// U+10FFFF (F4).
var leads = func() (t [256]utf8Checker) {
	fill := func(from, to int, c utf8Checker) {
		for i := from; i <= to; i++ {
			t[i] = c
		}
	}
	fill(0xC2, 0xDF, utf8Checker{1, contLo, contHi})
	fill(0xE0, 0xE0, utf8Checker{2, 0xA0, contHi})
	fill(0xE1, 0xEF, utf8Checker{2, contLo, contHi})
	fill(0xED, 0xED, utf8Checker{2, contLo, 0x9F})
	fill(0xF0, 0xF0, utf8Checker{3, 0x90, contHi})
	fill(0xF1, 0xF3, utf8Checker{3, contLo, contHi})
	fill(0xF4, 0xF4, utf8Checker{3, contLo, 0x8F})
	return t
}()

// complete reports whether the text so far ends with a whole character.
func (c *utf8Checker) complete() bool { return c.need == 0 }

// check takes the next part of the text and returns -1, or the index in p of the
// first byte after which no continuation could make the text valid. After that
// the checker is of no more use.
func (c *utf8Checker) check(p []byte) int {
	i := 0
	for c.need > 0 {
		if i == len(p) {
			return -1
		}
		if p[i] < c.lo || p[i] > c.hi {
			return i
		}
		c.need, c.lo, c.hi = c.need-1, contLo, contHi
		i++
	}
	for {
		i += asciiLen(p[i:])
		for i < len(p) && p[i] >= 0x80 {
			s := leads[p[i]]
			if s.need == 0 {
				return i
			}
			i++
			for s.need > 0 {
				if i == len(p) {
					*c = s
					return -1
				}
				if p[i] < s.lo || p[i] > s.hi {
					return i
				}
				s.need, s.lo, s.hi = s.need-1, contLo, contHi
				i++
			}
		}
		if i == len(p) {
			return -1
		}
	}
}

// asciiLen returns how many bytes of p, from its start, are ASCII.
func asciiLen(p []byte) int {
	n := len(p)
	for len(p) >= 32 {
		w := binary.LittleEndian.Uint64(p[0:8:32]) | binary.LittleEndian.Uint64(p[8:16:32]) |
			binary.LittleEndian.Uint64(p[16:24:32]) | binary.LittleEndian.Uint64(p[24:32:32])
		if w&highBits != 0 {
			break
		}
		p = p[32:]
	}
	for len(p) >= 8 {
		if w := binary.LittleEndian.Uint64(p) & highBits; w != 0 {
			return n - len(p) + bits.TrailingZeros64(w)/8
		}
		p = p[8:]
	}
	for i, b := range p {
		if b >= 0x80 {
			return n - len(p) + i
		}
	}
	return n
}
