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
		i = skipPlain(b, i)
		if i >= len(b) {
			return open, openString
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1, 0
		case c >= utf8.RuneSelf:
			for i < len(b) && b[i] >= utf8.RuneSelf {
				n := runeLen(b[i:])
				if n == 0 {
					return i, badUTF8
				}
				i += n
			}
		case c == '\\':
			n := escapeLen(b[i:])
			if n == 0 {
				return i, badEscape
			}
			i += n
		default:
			return i, rawControl
		}
	}
}

// skipPlain gives the index of the first byte at or after i that is not plain
// text, or len(b). Most runs of text are short, and there looking at each byte is
// the fastest; only a long one is taken in words.
func skipPlain(b []byte, i int) int {
	for end := min(i+16, len(b)); i < end; i++ {
		if !plain[b[i]] {
			return i
		}
	}
	for i+8 <= len(b) && stops(binary.LittleEndian.Uint64(b[i:])) == 0 {
		i += 8
	}
	for i < len(b) && plain[b[i]] {
		i++
	}
	return i
}

// plain are the bytes that are text of a string by themselves.
var plain = func() (table [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		table[c] = c != '"' && c != '\\'
	}
	return table
}()

// escapeLen is the length of the escape that b begins with, or 0 where it is none.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) >= 6 && hex4(b[2:6]) >= 0 {
			return 6
		}
	}
	return 0
}

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
