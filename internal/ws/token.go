package ws

import (
	"iter"
	"net/http"
	"strings"
)

// tokens walks over the elements of a header that is a list, over all its lines
// and in their order, without the spaces around them and without empty ones:
// RFC 9110, sections 5.3 and 5.6.1.
func tokens(h http.Header, name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, line := range h.Values(name) {
			for element := range strings.SplitSeq(line, ",") {
				element = strings.Trim(element, " \t")
				if element != "" && !yield(element) {
					return
				}
			}
		}
	}
}

// hasToken reports whether the list in a header has an element, in any case of
// letters.
func hasToken(h http.Header, name, token string) bool {
	for t := range tokens(h, name) {
		if strings.EqualFold(t, token) {
			return true
		}
	}
	return false
}

// isToken reports whether s is a token: RFC 9110, section 5.6.2. Such a name
// goes into a header without quotes.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		digit := c >= '0' && c <= '9'
		if !letter && !digit && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}
