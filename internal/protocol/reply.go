package protocol

// AppendResult appends {"id":…,"result":…} to dst: the answer to an operation that
// was done. id is Operation.ID, left out where it is nil. result is a JSON value that
// has passed Check, written as AppendData does; an empty one becomes {}. It allocates
// nothing where dst has room.
func AppendResult(dst, id, result []byte) []byte {
	dst = append(appendID(dst, id), `"result":`...)
	if len(result) == 0 {
		return append(dst, `{}}`...)
	}
	return append(AppendData(dst, result), '}')
}

// AppendRefusal appends {"id":…,"error":{"code":…,"message":…}} to dst: the answer to
// an operation that was not done, and without an id the part of an answer to many
// that concerns one of them. id is Operation.ID, left out where it is nil; code is
// one of this package's codes, message one sentence for a person. It allocates
// nothing where dst has room.
func AppendRefusal(dst, id []byte, code, message string) []byte {
	dst = append(appendID(dst, id), `"error":`...)
	return append(appendError(dst, code, message), '}')
}

// appendID begins a reply.
func appendID(dst, id []byte) []byte {
	if id == nil {
		return append(dst, '{')
	}
	dst = append(dst, `{"id":`...)
	dst = append(dst, id...)
	return append(dst, ',')
}

func appendError(dst []byte, code, message string) []byte {
	dst = append(dst, `{"code":`...)
	dst = AppendString(dst, code)
	dst = append(dst, `,"message":`...)
	dst = AppendString(dst, message)
	return append(dst, '}')
}
