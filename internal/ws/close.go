package ws

import (
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Close codes: RFC 6455, section 7.4.1, and the IANA registry that it founded
// (1012 to 1014). 3000 to 3999 are registered by libraries, 4000 to 4999 are an
// application's own.
const (
	CloseNormal             = 1000 // the purpose is fulfilled
	CloseGoingAway          = 1001 // the server leaves, or the browser left the page
	CloseProtocolError      = 1002 // the peer broke the protocol
	CloseUnsupported        = 1003 // a kind of message that is not taken
	CloseNoStatus           = 1005 // never sent: a close frame without a code came
	CloseAbnormal           = 1006 // never sent: the connection ended without a close frame
	CloseInvalidPayload     = 1007 // text that is not UTF-8
	ClosePolicy             = 1008 // against the server's rules
	CloseTooBig             = 1009 // a message over the limit
	CloseMandatoryExtension = 1010 // a client's: it needs an extension
	CloseInternal           = 1011 // the server failed
	CloseServiceRestart     = 1012 // the server restarts: come back
	CloseTryAgainLater      = 1013 // the server is overloaded: come back later
	CloseBadGateway         = 1014 // the server behind this one failed
	CloseTLSHandshake       = 1015 // never sent: the TLS handshake failed
)

// MaxCloseReason is the greatest length of a close reason in bytes: what a
// control frame has room for after the code (RFC 6455, section 5.5).
const MaxCloseReason = MaxControlPayload - 2

// Sendable reports whether code may stand in a close frame: 1000 to 1003, 1007
// to 1014 and 3000 to 4999 (RFC 6455, section 7.4).
func Sendable(code int) bool {
	switch {
	case code >= 3000 && code <= 4999:
		return true
	case code >= CloseNormal && code <= CloseUnsupported:
		return true
	}
	return code >= CloseInvalidPayload && code <= CloseBadGateway
}

// AppendClose appends a whole close frame with a code and a reason. The reason is
// cut to MaxCloseReason bytes at the end of a character; bytes in it that are not
// UTF-8 become U+FFFD. A code that is not Sendable, as 0 and CloseNoStatus are
// not, gives a frame without payload, which says no code and no reason.
func AppendClose(dst []byte, code int, reason string) []byte {
	if !Sendable(code) {
		return AppendHeader(dst, OpClose, 0)
	}
	reason = cutReason(reason)
	dst = AppendHeader(dst, OpClose, 2+len(reason))
	dst = binary.BigEndian.AppendUint16(dst, uint16(code))
	return append(dst, reason...)
}

// cutReason makes reason fit a close frame.
func cutReason(reason string) string {
	reason = strings.ToValidUTF8(reason, "\uFFFD")
	if len(reason) <= MaxCloseReason {
		return reason
	}
	end := MaxCloseReason
	for !utf8.RuneStart(reason[end]) {
		end--
	}
	return reason[:end]
}

// ParseClose reads the payload of a close frame: RFC 6455, section 5.5.1. An
// empty one gives CloseNoStatus. The error is an *Error: CloseProtocolError for a
// payload of one byte or a code that is not Sendable, CloseInvalidPayload for a
// reason that is not UTF-8. The reason is the peer's own text, to be shown with care.
func ParseClose(payload []byte) (code int, reason string, err error) {
	switch len(payload) {
	case 0:
		return CloseNoStatus, "", nil
	case 1:
		return 0, "", protocolError("close frame with a payload of 1 byte: a code takes 2")
	}
	code = int(binary.BigEndian.Uint16(payload))
	if !Sendable(code) {
		return 0, "", protocolError("close code " + strconv.Itoa(code) + " must not be sent")
	}
	if !utf8.Valid(payload[2:]) {
		return 0, "", &Error{Code: CloseInvalidPayload, Reason: "close reason is not valid UTF-8"}
	}
	return code, string(payload[2:]), nil
}
