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

// Valid reports whether name is a topic, by the rules at the head of this package.
// The error is an *Error: a name that is too long is reported as that, any other with
// its first fault. The server's own names are valid too; see Reserved. For a valid
// name nothing is allocated.
func Valid(name string) error {
	if len(name) > MaxLen {
		return &Error{Rule: tooLong, Offset: -1}
	}
	if name == "" {
		return &Error{Rule: empty, Offset: -1}
	}
	start := 0 // of the segment
	for i := 0; i < len(name); {
		class := classes[name[i]]
		if class == plain {
			i++
			continue
		}
		if class == separator && i > start {
			i++
			start = i
			continue
		}
		n, rule := lookAt(name[i:], class)
		if rule != "" {
			return &Error{Rule: rule, Offset: i}
		}
		i += n
	}
	if start == len(name) {
		return &Error{Rule: emptySegment, Offset: start}
	}
	return nil
}

// Reserved reports whether name is one of the server's own, which programs and
// clients may neither publish nor subscribe to: whether it begins with '$'.
func Reserved(name string) bool { return name != "" && name[0] == '$' }

// lookAt says which rule s breaks with its first character, and how long that is; ""
// is none. class is the one of its first byte, and not a separator that may be there.
func lookAt(s string, class class) (n int, rule string) {
	if class != beyondASCII {
		return 1, rules[class]
	}
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && n == 1:
		rule = notUTF8
	case unicode.IsControl(r):
		rule = rules[control]
	case unicode.IsSpace(r):
		rule = rules[space]
	}
	return n, rule
}

// Error says which rule a name breaks, in a sentence that may be shown to whoever
// chose the name: it holds nothing of it.
type Error struct {
	Rule   string // the sentence
	Offset int    // index, from 0, of the byte that breaks it; -1 where the whole name does
}

// Error is the rule, and the place where there is one.
func (e *Error) Error() string {
	if e.Offset < 0 {
		return e.Rule
	}
	return e.Rule + " at byte " + strconv.Itoa(e.Offset)
}
