package protocol

import "strconv"

// The parts of a publication that a plain message lacks.
const (
	publicationSeq = `,"seq":`
	publicationKey = `,"key":`
	maxSeqDigits   = len("9007199254740991")
)

// AppendPublication appends {"topic":…,"data":…,"seq":…,"key":…} to dst: a message
// with its number in a topic that has history, and what it is about. A seq of 0 and
// an empty key are left out: with neither it is AppendMessage, which says what topic
// and data may be. It allocates nothing where dst has room (PublicationSize).
func AppendPublication(dst []byte, topic string, data []byte, seq uint64, key string) []byte {
	dst = AppendMessage(dst, topic, data)
	if seq == 0 && key == "" {
		return dst
	}
	dst = dst[:len(dst)-len(messageEnd)]
	if seq != 0 {
		dst = append(dst, publicationSeq...)
		dst = strconv.AppendUint(dst, seq, 10)
	}
	return append(appendKey(dst, key), messageEnd...)
}

// appendKey appends the member key, unless it is empty.
func appendKey(dst []byte, key string) []byte {
	if key == "" {
		return dst
	}
	dst = append(dst, publicationKey...)
	return AppendString(dst, key)
}

// PublicationSize is how many bytes AppendPublication appends at most, for a topic
// and a key in which nothing needs an escape, whatever the seq. It is meant for
// making room; without seq and key, MessageSize is exact.
func PublicationSize(topic string, data []byte, key string) int {
	n := MessageSize(topic, data) + len(publicationSeq) + maxSeqDigits
	if key != "" {
		n += len(publicationKey) + len(key) + len(`""`)
	}
	return n
}
