package topic

import "strings"

// kind is what a segment of a pattern or of a wildcard takes from a topic.
type kind uint8

const (
	literal kind = iota // the segment that is the same
	single              // any one segment: {name} or *
	tail                // all from here on, one segment or more: {name...} or **
)

// kindOf says what the segment of a pattern or wildcard takes. No literal begins with
// one of the characters that tell it.
func kindOf(segment string) kind {
	switch {
	case segment == "":
		return literal
	case segment[0] == '*' && len(segment) == 1, segment[0] == '{' && !strings.HasSuffix(segment, "...}"):
		return single
	case segment[0] == '*', segment[0] == '{':
		return tail
	}
	return literal
}

// cut splits s after its first segment; more tells whether there is another one.
func cut(s string) (segment, rest string, more bool) {
	if i := strings.IndexByte(s, Separator); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// match reports whether the pattern or wildcard matches the topic. Names of the
// server's own are matched only by what names their first segment.
func match(form, name string) bool {
	if form == "" || Reserved(name) && !Reserved(form) {
		return false
	}
	for {
		want, formRest, formMore := cut(form)
		got, nameRest, nameMore := cut(name)
		switch kindOf(want) {
		case tail:
			return true
		case literal:
			if want != got {
				return false
			}
		}
		if !formMore || !nameMore {
			return formMore == nameMore
		}
		form, name = formRest, nameRest
	}
}

// fault finds the first character of a literal segment that may not be in a topic:
// the rule, as an Error has it, and the index of the character. "" is no fault.
func fault(segment string) (rule string, at int) {
	for at < len(segment) {
		n, rule := lookAt(segment[at:], classes[segment[at]])
		if rule != "" {
			return rule, at
		}
		at += n
	}
	return "", at
}

// of puts a rule for topics in the words of one for what: a pattern or a wildcard.
func of(what, rule string) string { return what + strings.TrimPrefix(rule, "topic") }
