package protocol

import (
	"encoding/binary"
	"unicode/utf8"
)

// Words of eight equal bytes, to look at eight bytes of a string at once.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// stops is 0 where all of eight bytes are plain text: none is a quote, a backslash,
// a control character, or a part of a character beyond ASCII.
func stops(x uint64) uint64 {
	control := x - ' '*ones
	quote := (x ^ '"'*ones) - ones
	slash := (x ^ '\\'*ones) - ones
	return (control | quote | slash | x) & highs
}

// scanString scans the string whose opening quote is at i: RFC 8259, section 7.
// Its bytes must be UTF-8; its escapes may name unpaired surrogates, as the
// grammar allows.
func scanString(b []byte, i int) (int, fault) {
	open := i
	for i++; ; {
		// Most runs of plain text are short, so only a long one is taken in words.
		long := min(i+16, len(b))
		for i < long && plain[b[i]] {
			i++
		}
		if i == long {
			i = skipWords(b, i)
		}
		if i >= len(b) {
			return open, openString
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1, 0
		case c == '\\':
			if i+1 < len(b) && single[b[i+1]] {
				i += 2
			} else if i+6 <= len(b) && b[i+1] == 'u' && hex4(b[i+2:]) >= 0 {
				i += 6
			} else {
				return i, badEscape
			}
		case c < utf8.RuneSelf:
			return i, rawControl
		default:
			for i < len(b) && b[i] >= utf8.RuneSelf {
				n := runeLen(b[i:])
				if n == 0 {
					return i, badUTF8
				}
				i += n
			}
		}
	}
}

// skipPlain gives the index of the first byte at or after i that is not plain
// text, or len(b), looking at each: the fastest way over a short run.
func skipPlain(b []byte, i int) int {
	for i < len(b) && plain[b[i]] {
		i++
	}
	return i
}

// skipWords is skipPlain for a long run: it looks at eight bytes at once.
func skipWords(b []byte, i int) int {
	for i+8 <= len(b) && stops(binary.LittleEndian.Uint64(b[i:])) == 0 {
		i += 8
	}
	return skipPlain(b, i)
}

// plain are the bytes that are text of a string by themselves.
var plain = func() (table [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		table[c] = c != '"' && c != '\\'
	}
	return table
}()

// single are the characters that make an escape of two after a backslash.
var single = [256]bool{'"': true, '\\': true, '/': true, 'b': true, 'f': true, 'n': true, 'r': true, 't': true}

// hex4 is the number that four hexadecimal digits stand for, or -1.
func hex4(b []byte) rune {
	var r rune
	for _, c := range b[:4] {
		switch {
		case isDigit(c):
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}
