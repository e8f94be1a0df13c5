package topic

import (
	"strconv"
	"strings"
)

// Pattern says which topics a rule is for: chat:{room}. It is made by ParsePattern and
// never changes; the zero value is no pattern and matches nothing. Two are == where
// they are spelled the same.
type Pattern struct {
	text string // keeps to the rules, so that its segments need no second form
}

// The rules that only patterns can break, as an Error has them.
const (
	patternReserved    = "pattern begins with $, as only the server's own topics do,"
	patternStar        = "pattern has a *, which only wildcards have,"
	patternUnopened    = "pattern has a } without its {"
	patternUnclosed    = "pattern has a { without its } in the same segment"
	patternPart        = "pattern has a parameter that is not a whole segment"
	patternAfterTail   = "pattern has a segment after {name...}, which takes the rest,"
	parameterNameless  = "pattern has a parameter without a name"
	parameterDigit     = "pattern has a parameter whose name begins with a digit"
	parameterCharacter = "pattern has a parameter whose name is not of letters, digits and _"
	parameterTwice     = "pattern has two parameters of the same name"
)

var patternTooLong = "pattern matches only topics longer than " + strconv.Itoa(MaxLen) + " bytes"

// ParsePattern makes a pattern of s: segments joined by ':', each of them a literal
// (by the rules of topics), {name} for any one segment or, only as the last, {name...}
// for all that is left: one segment or more. A name is of letters, digits and _, does
// not begin with a digit, and stands once in a pattern. Some topic of at most MaxLen
// bytes must match; none that is the server's own ever does. The error is an *Error
// with the first fault.
func ParsePattern(s string) (Pattern, error) {
	if s == "" {
		return Pattern{}, &Error{Rule: of("pattern", empty), Offset: -1}
	}
	if Reserved(s) {
		return Pattern{}, &Error{Rule: patternReserved, Offset: 0}
	}
	shortest := 0 // length of the shortest topic that matches
	for start, more := 0, true; more; {
		var segment string
		segment, _, more = cut(s[start:])
		kind, rule, at := parsePatternSegment(segment)
		switch {
		case rule != "":
		case kind != literal && hasParameter(s[:start], parameterName(segment)):
			rule, at = parameterTwice, 1
		case kind == tail && more:
			rule, at = patternAfterTail, len(segment)+1
		}
		if rule != "" {
			return Pattern{}, &Error{Rule: rule, Offset: start + at}
		}
		if kind == literal {
			shortest += len(segment)
		} else {
			shortest++
		}
		if more {
			shortest++
		}
		start += len(segment) + 1
	}
	if shortest > MaxLen {
		return Pattern{}, &Error{Rule: patternTooLong, Offset: -1}
	}
	return Pattern{text: s}, nil
}

// String is what the pattern was made of; "" for the zero value.
func (p Pattern) String() string { return p.text }

// Match reports whether the pattern matches name, a topic that Valid takes; of other
// names it may say either. It allocates nothing.
func (p Pattern) Match(name string) bool { return match(p.text, name) }

// Param is the value of the parameter {param} or {param...} in name, a topic that the
// pattern matches: a segment, or all the segments that {param...} takes with the colons
// between them. It is "" where the pattern has no such parameter. It is a part of name;
// nothing is allocated.
func (p Pattern) Param(name, param string) string {
	form := p.text
	for formMore, nameMore := true, true; formMore && nameMore; {
		var want, got string
		all := name
		want, form, formMore = cut(form)
		got, name, nameMore = cut(name)
		kind := kindOf(want)
		if kind == literal || parameterName(want) != param {
			continue
		}
		if kind == tail {
			return all
		}
		return got
	}
	return ""
}

// parameterName is the name in a segment that is a parameter.
func parameterName(segment string) string {
	return strings.TrimSuffix(segment[1:len(segment)-1], "...")
}

// hasParameter reports whether one of the segments is a parameter of that name.
func hasParameter(segments, name string) bool {
	for more := true; more; {
		var segment string
		segment, segments, more = cut(segments)
		if kindOf(segment) != literal && parameterName(segment) == name {
			return true
		}
	}
	return false
}
