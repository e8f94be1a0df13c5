package topic

import "strconv"

// Wildcard is how a client, a token or a rule for wildcards speaks of many topics at
// once: orders:* or orders:**. It is made by ParseWildcard and never changes; the zero
// value is no wildcard and matches nothing. Two are == where they are spelled the same.
type Wildcard struct {
	text string // keeps to the rules, so that its segments need no second form
}

// The rules that only wildcards can break, as an Error has them.
const (
	wildcardStarless  = "wildcard has no segment that is * or **"
	wildcardPart      = "wildcard has a * in a segment that is neither * nor **"
	wildcardBrace     = "wildcard has a { or }, which only patterns have,"
	wildcardAfterTail = "wildcard has a segment after **, which takes the rest,"
)

var wildcardTooLong = "wildcard is longer than " + strconv.Itoa(MaxLen) + " bytes"

// IsWildcard reports whether s has a segment that is * or **, as no topic has: whether
// it is for ParseWildcard rather than for Valid. It allocates nothing.
func IsWildcard(s string) bool {
	for more := true; more; {
		var segment string
		segment, s, more = cut(s)
		if segment == "*" || segment == "**" {
			return true
		}
	}
	return false
}

// ParseWildcard makes a wildcard of s: at most MaxLen bytes, segments joined by ':',
// each of them a literal (by the rules of topics), * for any one segment or, only as
// the last, ** for all that is left: one segment or more. At least one is * or **. One
// that begins with * or ** never matches the server's own topics; one may name them
// ($sys:*), which Reserved tells of its text as of a topic's. The error is an *Error
// with the first fault, or says that s is too long.
func ParseWildcard(s string) (Wildcard, error) {
	if len(s) > MaxLen {
		return Wildcard{}, &Error{Rule: wildcardTooLong, Offset: -1}
	}
	if s == "" {
		return Wildcard{}, &Error{Rule: of("wildcard", empty), Offset: -1}
	}
	wild := false
	for start, more := 0, true; more; {
		var segment string
		segment, _, more = cut(s[start:])
		kind, rule, at := parseWildcardSegment(segment)
		if rule == "" && kind == tail && more {
			rule, at = wildcardAfterTail, len(segment)+1
		}
		if rule != "" {
			return Wildcard{}, &Error{Rule: rule, Offset: start + at}
		}
		wild = wild || kind != literal
		start += len(segment) + 1
	}
	if !wild {
		return Wildcard{}, &Error{Rule: wildcardStarless, Offset: -1}
	}
	return Wildcard{text: s}, nil
}

// Match reports whether the wildcard matches name, a topic that Valid takes; of other
// names it may say either. It allocates nothing.
func (w Wildcard) Match(name string) bool { return match(w.text, name) }

// String is what the wildcard was made of; "" for the zero value.
func (w Wildcard) String() string { return w.text }

// parseWildcardSegment says what a segment of a wildcard takes, or which rule it breaks
// and at which of its bytes.
func parseWildcardSegment(segment string) (k kind, rule string, at int) {
	switch segment {
	case "":
		return literal, of("wildcard", emptySegment), 0
	case "*", "**":
		return kindOf(segment), "", 0
	}
	rule, at = fault(segment)
	if rule == "" {
		return literal, "", 0
	}
	switch segment[at] {
	case '*':
		rule = wildcardPart
	case '{', '}':
		rule = wildcardBrace
	default:
		rule = of("wildcard", rule)
	}
	return literal, rule, at
}
