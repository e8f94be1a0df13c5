package protocol

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// The functions here decode the text of a string that scanString has passed, taken
// without its quotes.

// unescapedLen is the length in bytes of text once decoded, and whether it can be
// decoded: an escape that is half of a surrogate pair stands for no character.
func unescapedLen(text []byte) (n int, ok bool) {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return n + len(text), true
		}
		r, size := unescape(text[i:])
		if r < 0 {
			return 0, false
		}
		n += i + utf8.RuneLen(r)
		text = text[i+size:]
	}
}

// appendUnescaped appends text decoded to dst. Half of a surrogate pair becomes
// U+FFFD.
func appendUnescaped(dst, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return append(dst, text...)
		}
		r, size := unescape(text[i:])
		dst = append(dst, text[:i]...)
		dst = utf8.AppendRune(dst, r)
		text = text[i+size:]
	}
}

// unescape decodes the escape that b begins with, and gives its length. For half
// of a surrogate pair the character is -1. RFC 8259, section 7.
func unescape(b []byte) (r rune, size int) {
	switch c := b[1]; c {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
	default:
		return rune(c), 2 // quote, backslash, slash
	}
	r = hex4(b[2:6])
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
		if r = utf16.DecodeRune(r, hex4(b[8:12])); r != utf8.RuneError {
			return r, 12
		}
	}
	return -1, 6
}
