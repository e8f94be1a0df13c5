package client

import "strings"

// isWildcard reports whether a name has a segment that is * or **, as no topic has.
func isWildcard(name string) bool {
	for segment := range strings.SplitSeq(name, ":") {
		if segment == "*" || segment == "**" {
			return true
		}
	}
	return false
}

// matches reports whether the wildcard matches the topic: * is any one segment, and **
// at the end all that is left, one segment or more. The server's own topics begin with $
// and are matched by name alone.
func matches(wildcard, topic string) bool {
	if strings.HasPrefix(topic, "$") && strings.HasPrefix(wildcard, "*") {
		return false
	}
	for {
		want, moreWanted, wanted := strings.Cut(wildcard, ":")
		have, moreHad, had := strings.Cut(topic, ":")
		switch {
		case want == "**":
			return true
		case want != "*" && want != have, wanted != had:
			return false
		case !had:
			return true
		}
		wildcard, topic = moreWanted, moreHad
	}
}
