package protocol

import (
	"bytes"
	"unicode/utf8"
)

// MaxTopic is the greatest length in bytes of a topic in an envelope, decoded.
const MaxTopic = 255

// CheckTopic reports whether topic may stand in an envelope: not empty, at most
// MaxTopic bytes, UTF-8. That is all that a name handed to a program's own code
// needs; a topic that is subscribed and published to has stricter rules, which
// are not this package's. The error is an *Error. It does not allocate.
func CheckTopic(topic string) error {
	switch {
	case topic == "":
		return errTopicEmpty
	case len(topic) > MaxTopic:
		return errTopicTooLong
	case !utf8.ValidString(topic):
		return errTopicBadUTF8
	}
	return nil
}

var (
	errTopicEmpty   = newError(topicEmpty, 0)
	errTopicTooLong = newError(topicTooLong, 0)
	errTopicBadUTF8 = newError(topicBadUTF8, 0)
)

// checkRawTopic is CheckTopic for a JSON value that Split has passed, so that its
// UTF-8 is known to be good.
func checkRawTopic(raw []byte) fault {
	if raw[0] != '"' {
		return topicNotString
	}
	n, ok := unescapedLen(raw[1 : len(raw)-1])
	switch {
	case !ok:
		return topicSurrogate
	case n == 0:
		return topicEmpty
	case n > MaxTopic:
		return topicTooLong
	}
	return 0
}

// decodeTopic is the string that a value which checkRawTopic has passed stands for.
func decodeTopic(raw []byte) string {
	text := raw[1 : len(raw)-1]
	if bytes.IndexByte(text, '\\') < 0 {
		return string(text)
	}
	var room [MaxTopic]byte
	return string(appendUnescaped(room[:0], text))
}
