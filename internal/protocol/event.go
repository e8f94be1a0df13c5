package protocol

import "strconv"

// AppendEvent appends {"topic":…,"event":…,"data":…} to dst: news about a topic, such
// as "join" or "gap", that is no publication; or, with an empty topic, which is left
// out, about the session itself. data is a JSON value that has passed Check, written
// as AppendData does; empty data becomes null. It allocates nothing where dst has
// room.
func AppendEvent(dst []byte, topic, event string, data []byte) []byte {
	dst = append(dst, '{')
	if topic != "" {
		dst = append(dst, `"topic":`...)
		dst = AppendString(dst, topic)
		dst = append(dst, ',')
	}
	dst = append(dst, `"event":`...)
	dst = AppendString(dst, event)
	dst = append(dst, messageMiddle...)
	return append(appendValue(dst, data), messageEnd...)
}

// AppendGap appends {"from":…,"to":…} to dst: the data of the event gap, and what a
// reply to subscribe says is lost; the first and the last seq that will not come. It
// allocates nothing where dst has room.
func AppendGap(dst []byte, from, to uint64) []byte {
	dst = append(dst, `{"from":`...)
	dst = strconv.AppendUint(dst, from, 10)
	dst = append(dst, `,"to":`...)
	dst = strconv.AppendUint(dst, to, 10)
	return append(dst, '}')
}
