package topic

import (
	"strconv"
	"unicode/utf8"
)

// class is what a byte is in a name.
type class uint8

const (
	plain       class = iota // stands for itself
	separator                // ends a segment
	beyondASCII              // part of a longer character
	control
	space
	pattern
)

// classes has the class of each byte.
var classes = func() (table [256]class) {
	for c := range table {
		switch {
		case c < ' ' || c == 0x7f:
			table[c] = control
		case c >= utf8.RuneSelf:
			table[c] = beyondASCII
		}
	}
	table[' '] = space
	table[Separator] = separator
	table['*'], table['{'], table['}'] = pattern, pattern, pattern
	return table
}()

// The rules, as an Error has them.
const (
	empty        = "topic is empty"
	emptySegment = "topic has an empty segment"
	notUTF8      = "topic is not valid UTF-8"
)

var tooLong = "topic is longer than " + strconv.Itoa(MaxLen) + " bytes"

// rules has the rule that a byte of each class breaks: a separator does where it is
// looked at, since only one without a segment before it is.
var rules = [...]string{
	separator: emptySegment,
	control:   "topic has a control character",
	space:     "topic has white space",
	pattern:   "topic has a *, { or }, which only patterns have,",
}
