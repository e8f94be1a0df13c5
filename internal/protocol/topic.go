package protocol

import "unicode/utf8"

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
	errTopicEmpty   = errorOf(flaw{emptyString, memberTopic}, 0, 0)
	errTopicTooLong = errorOf(flaw{longString, memberTopic}, 0, 0)
	errTopicBadUTF8 = errorOf(flaw{topicBadUTF8, memberTopic}, 0, 0)
)
