package protocol

import "bytes"

// The functions here take a value, or a name without its quotes, that the scanner has
// passed, so that its grammar and its UTF-8 are known to be good.

// checkString is the fault of a value that is to be a string of so many bytes, decoded.
func checkString(raw []byte, least, most int) fault {
	if raw[0] != '"' {
		return notString
	}
	return checkText(raw[1:len(raw)-1], least, most)
}

// checkText is checkString for what stands between the quotes.
func checkText(text []byte, least, most int) fault {
	n, ok := unescapedLen(text)
	switch {
	case !ok:
		return halfPair
	case n < least:
		return emptyString
	case n > most:
		return longString
	}
	return 0
}

// decodeString is what a value that checkString has passed stands for.
func decodeString(raw []byte) string { return decodeText(raw[1 : len(raw)-1]) }

// decodeText is decodeString for what stands between the quotes. It allocates the
// string, and room to decode in where that has escapes and is long.
func decodeText(text []byte) string {
	if bytes.IndexByte(text, '\\') < 0 {
		return string(text)
	}
	var room [MaxTopic]byte
	return string(appendUnescaped(room[:0], text))
}

// hasControl reports whether s has a control character: U+0000 to U+001F, U+007F to
// U+009F.
func hasControl(s string) bool {
	for _, r := range s {
		if r < ' ' || 0x7f <= r && r <= 0x9f {
			return true
		}
	}
	return false
}
