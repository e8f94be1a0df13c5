package protocol

import "bytes"

// The parts of an outbound message, as they stand between topic and data.
const (
	messageStart  = `{"topic":`
	messageMiddle = `,"data":`
	messageEnd    = `}`
	null          = "null"
)

// AppendMessage appends {"topic":…,"data":…} to dst: a publication, or what a
// program sends to one session. The topic is written as AppendString writes it,
// data as AppendData does, and so must have passed Check; empty data becomes null.
// It allocates nothing where dst has room (MessageSize). The result is one line.
func AppendMessage(dst []byte, topic string, data []byte) []byte {
	dst = append(dst, messageStart...)
	dst = AppendString(dst, topic)
	dst = append(dst, messageMiddle...)
	return append(appendValue(dst, data), messageEnd...)
}

// appendValue is AppendData, and null where there is no data.
func appendValue(dst, data []byte) []byte {
	if len(data) == 0 {
		return append(dst, null...)
	}
	return AppendData(dst, data)
}

// MessageSize is how many bytes AppendMessage appends for a topic in which nothing
// needs an escape and data in which nothing is taken out; topics that hold quotes
// or backslashes take a little more. It is meant for making room.
func MessageSize(topic string, data []byte) int {
	n := len(data)
	if n == 0 {
		n = len(null)
	}
	return len(messageStart) + len(topic) + len(`""`) + len(messageMiddle) + n + len(messageEnd)
}

// AppendErrorMessage appends the error frame of the founding envelope to dst,
// {"topic":"error","data":{"code":…,"message":…}}: the answer to a frame that could
// not be taken. code is one of this package's codes, message one sentence for a
// person. It allocates nothing where dst has room.
func AppendErrorMessage(dst []byte, code, message string) []byte {
	dst = append(dst, `{"topic":"error","data":`...)
	return append(appendError(dst, code, message), '}')
}

// AppendData appends data to dst without its line ends, CR and LF, so that a
// message is one line wherever it goes: into a log, an event stream, a terminal.
// data must have passed Check: then line ends stand only between tokens, where they
// mean nothing, since in a string RFC 8259 wants them escaped. Other white space
// stays. It allocates nothing where dst has room.
func AppendData(dst, data []byte) []byte {
	for {
		i := lineEnd(data)
		if i < 0 {
			return append(dst, data...)
		}
		dst = append(dst, data[:i]...)
		data = data[i+1:]
	}
}

// lineEnd is the index of the first CR or LF, or -1. A line feed is by far the
// more common, so it bounds the search for the other.
func lineEnd(data []byte) int {
	n := bytes.IndexByte(data, '\n')
	if n < 0 {
		return bytes.IndexByte(data, '\r')
	}
	if r := bytes.IndexByte(data[:n], '\r'); r >= 0 {
		return r
	}
	return n
}
