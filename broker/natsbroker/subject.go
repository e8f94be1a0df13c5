package natsbroker

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// A topic's name and its subject are made of each other: the segments, separated by
// ':', are the tokens, separated by '.'. What a token cannot have, and '%', stands as
// '%' and two digits.

const hexDigits = "0123456789ABCDEF"

// spelled reports which bytes stand as they are. bytes tells whether those beyond
// ASCII do not, since they are no UTF-8.
func spelled(c byte, bytes bool) bool {
	switch c {
	case '%', '.', '*', '>', ' ', 0x7f:
		return false
	}
	return c > ' ' && (c < utf8.RuneSelf || !bytes)
}

// appendSubject appends the tokens of a topic.
func appendSubject(dst []byte, topic string) []byte {
	bytes := !utf8.ValidString(topic)
	for i := range len(topic) {
		switch c := topic[i]; {
		case c == ':':
			dst = append(dst, '.')
		case spelled(c, bytes):
			dst = append(dst, c)
		default:
			dst = append(dst, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return dst
}

// appendPattern appends the tokens of a topic or a wildcard: "orders:*", "orders:**".
func appendPattern(dst []byte, pattern string) []byte {
	for i, segment := range strings.Split(pattern, ":") {
		if i > 0 {
			dst = append(dst, '.')
		}
		switch segment {
		case "*":
			dst = append(dst, '*')
		case "**":
			dst = append(dst, '>')
		default:
			dst = appendSubject(dst, segment)
		}
	}
	return dst
}

// isWildcard reports whether a segment is * or **, as in no topic.
func isWildcard(name string) bool {
	if !strings.Contains(name, "*") {
		return false
	}
	for segment := range strings.SplitSeq(name, ":") {
		if segment == "*" || segment == "**" {
			return true
		}
	}
	return false
}

// topicOf returns the topic whose tokens these are. It reports false if they are of
// none.
func topicOf(tokens string) (string, bool) {
	name := make([]byte, 0, len(tokens))
	for i := 0; i < len(tokens); i++ {
		c := tokens[i]
		switch c {
		case '.':
			c = ':'
		case '%':
			if i+2 >= len(tokens) {
				return "", false
			}
			high, low := strings.IndexByte(hexDigits, tokens[i+1]), strings.IndexByte(hexDigits, tokens[i+2])
			if high < 0 || low < 0 {
				return "", false
			}
			c = byte(high<<4 | low)
			i += 2
		}
		name = append(name, c)
	}
	return string(name), len(name) > 0
}

// tokenOf makes one token of any text, which is also fit for a stream's name: what can
// be read of it, and what tells it from all others.
func tokenOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	readable := make([]byte, 0, 40)
	for i := range min(len(text), 32) {
		c := text[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' {
			readable = append(readable, c)
		} else if n := len(readable); n > 0 && readable[n-1] != '_' {
			readable = append(readable, '_')
		}
	}
	return string(readable) + "_" + hex.EncodeToString(sum[:6])
}

// hashOf makes a short token of any texts.
func hashOf(texts ...string) string {
	h := sha256.New()
	for _, t := range texts {
		h.Write([]byte(t))
		h.Write([]byte{0}) // which no topic has, nor a user
	}
	var sum [sha256.Size]byte
	return base64.RawURLEncoding.EncodeToString(h.Sum(sum[:0])[:16])
}

// subjects are the beginnings of all subjects of one prefix.
type subjects struct {
	plain   string // + tokens: publications without history
	kept    string // + name's token . tokens: what is stored
	spread  string // + name's token . tokens: the same, once stored
	once    string // + tokens: publications without history, with a Dedup
	present string // + topic's hash . user's hash
	lease   string // + node
	hello   string // see barrier.go
}

// marker is the last token of the subject of a stream's epoch. No topic has it.
const marker = "%E"

func newSubjects(prefix string) subjects {
	return subjects{
		plain: prefix + ".p.", kept: prefix + ".h.", spread: prefix + ".r.", once: prefix + ".d.",
		present: prefix + ".u.", lease: prefix + ".n.", hello: prefix + ".hello",
	}
}
