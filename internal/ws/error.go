package ws

import "strconv"

// Error is a violation of the protocol by the peer. The connection cannot go on:
// it is answered with AppendClose(dst, e.Code, e.Reason) and closed (RFC 6455,
// section 7.1.7). Reason is a plain sentence of at most 123 bytes that says which
// rule or limit it was. Errors may be shared: do not change one.
type Error struct {
	Code   int
	Reason string
}

// Error gives the close code and the reason, for logs.
func (e *Error) Error() string {
	return "websocket: closing with " + strconv.Itoa(e.Code) + ": " + e.Reason
}

// protocolError makes the violation that CloseProtocolError answers.
func protocolError(reason string) *Error {
	return &Error{Code: CloseProtocolError, Reason: reason}
}
