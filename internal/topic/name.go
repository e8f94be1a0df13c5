package topic

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// MaxLen is the greatest length of a topic in bytes.
const MaxLen = 255

// Separator stands between the segments of a topic.
const Separator = ':'

// Error says why a name is not a topic: which rule it breaks, and where.
type Error struct {
	Offset int    // index, from 0, of the byte at which the rule is broken
	Rule   string // the broken rule, as a sentence about the topic
}

// Error is the rule and the place.
func (e *Error) Error() string { return e.Rule + ", at byte " + strconv.Itoa(e.Offset) }

// Valid reports whether name is a topic: segments joined by Separator, none of them
// empty; up to MaxLen bytes of UTF-8; no control character, no white space, and
// none of * { }, which patterns are written with. The error is an *Error with the
// first fault of the name; for a valid name nothing is allocated. The server's own
// names are valid too: see Reserved.
func Valid(name string) error {
	if len(name) > MaxLen {
		return &Error{MaxLen, "topic is longer than 255 bytes"}
	}
	start := 0 // where the segment begins
	for i := 0; i < len(name); {
		switch classes[name[i]] {
		case plain:
			i++
		case separator:
			if i == start {
				return &Error{i, "topic has an empty segment"}
			}
			i++
			start = i
		case beyondASCII:
			n, rule := beyond(name[i:])
			if rule != "" {
				return &Error{i, rule}
			}
			i += n
		default:
			return &Error{i, rules[classes[name[i]]]}
		}
	}
	switch {
	case name == "":
		return &Error{0, "topic is empty"}
	case start == len(name):
		return &Error{start, "topic has an empty segment"}
	}
	return nil
}

// Reserved reports whether name is one of the server's own: whether it begins with
// '$'. Programs and clients may not publish to such a topic or subscribe to it.
func Reserved(name string) bool { return name != "" && name[0] == '$' }

// class is what a byte is in a topic.
type class uint8

const (
	plain class = iota
	separator
	beyondASCII
	control
	space
	pattern
)

var rules = [...]string{
	control: "topic has a control character",
	space:   "topic has white space",
	pattern: "topic has one of the characters * { } that only patterns have",
}

var classes = func() (table [256]class) {
	for c := range table {
		switch {
		case c == ' ':
			table[c] = space
		case c < ' ' || c == 0x7f:
			table[c] = control
		case c >= utf8.RuneSelf:
			table[c] = beyondASCII
		}
	}
	table[Separator] = separator
	table['*'], table['{'], table['}'] = pattern, pattern, pattern
	return table
}()

// beyond looks at the character beyond ASCII that s begins with: its length, and
// the rule it breaks.
func beyond(s string) (n int, rule string) {
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && n == 1:
		return n, "topic is not valid UTF-8"
	case unicode.IsControl(r):
		return n, rules[control]
	case unicode.IsSpace(r):
		return n, rules[space]
	}
	return n, ""
}
