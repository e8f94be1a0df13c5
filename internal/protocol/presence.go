package protocol

import "strconv"

// AppendMember appends {"user":…,"info":…,"sessions":…} to dst: a user who is on a
// topic, what the program shows of them, and with how many sessions. info is a JSON
// value that has passed Check, written as AppendData does; empty info becomes null.
// It allocates nothing where dst has room.
func AppendMember(dst []byte, user string, info []byte, sessions int) []byte {
	dst = append(dst, `{"user":`...)
	dst = AppendString(dst, user)
	dst = append(dst, `,"info":`...)
	dst = appendValue(dst, info)
	dst = append(dst, `,"sessions":`...)
	dst = strconv.AppendInt(dst, int64(sessions), 10)
	return append(dst, '}')
}
