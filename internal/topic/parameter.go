package topic

import (
	"strings"
	"unicode"
)

// parsePatternSegment says what a segment of a pattern takes, or which rule it breaks
// and at which of its bytes.
func parsePatternSegment(segment string) (k kind, rule string, at int) {
	if segment == "" {
		return literal, of("pattern", emptySegment), 0
	}
	if segment[0] == '{' {
		rule, at = parameterFault(segment)
		return kindOf(segment), rule, at
	}
	rule, at = fault(segment)
	if rule == "" {
		return literal, "", 0
	}
	switch segment[at] {
	case '*':
		rule = patternStar
	case '{':
		rule = patternPart
	case '}':
		rule = patternUnopened
	default:
		rule = of("pattern", rule)
	}
	return literal, rule, at
}

// parameterFault finds what is wrong with a segment that begins with a {: the rule that
// is broken, and at which byte. "" is no fault.
func parameterFault(segment string) (rule string, at int) {
	end := strings.IndexByte(segment, '}')
	if end < 0 {
		return patternUnclosed, 0
	}
	name := strings.TrimSuffix(segment[1:end], "...")
	if name == "" {
		return parameterNameless, 1
	}
	for i, r := range name {
		switch {
		case i == 0 && unicode.IsDigit(r):
			return parameterDigit, 1
		case r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r):
			return parameterCharacter, 1 + i
		}
	}
	if end < len(segment)-1 {
		return patternPart, end + 1
	}
	return "", 0
}
