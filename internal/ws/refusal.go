package ws

import (
	"fmt"
	"io"
	"maps"
	"net/http"
)

// HandshakeError is an upgrade request's refusal, an HTTP answer to be sent with
// WriteError. Callers make their own for what Check leaves to them, such as a 403
// for an Origin that is not let in.
type HandshakeError struct {
	Status  int         // the HTTP status, 400 or more
	Message string      // one or two sentences: what is wrong, what to do
	Header  http.Header // further headers of the answer; may be nil
}

// Error gives the status and the message, for logs.
func (e *HandshakeError) Error() string {
	return fmt.Sprintf("websocket: handshake refused with %d: %s", e.Status, e.Message)
}

// WriteError sends the refusal as plain text. It writes to w like any handler
// and may block like one.
func WriteError(w http.ResponseWriter, err *HandshakeError) {
	h := w.Header()
	maps.Copy(h, err.Header)
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff") // a message may quote the request
	w.WriteHeader(err.Status)
	io.WriteString(w, err.Message+"\n")
}

// refuse makes a 400.
func refuse(format string, args ...any) *HandshakeError {
	return &HandshakeError{Status: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}

// refuseMethod makes the 405, which names what is allowed (RFC 9110, section 15.5.6).
func refuseMethod(method string) *HandshakeError {
	h := http.Header{}
	h.Set("Allow", http.MethodGet)
	return &HandshakeError{
		Status:  http.StatusMethodNotAllowed,
		Message: fmt.Sprintf("A WebSocket begins with GET, not with %.20q.", method),
		Header:  h,
	}
}

// refuseUpgrade makes a 426, which says what to upgrade to: RFC 9110, section
// 15.5.22, and the version, RFC 6455, section 4.4.
func refuseUpgrade(format string, args ...any) *HandshakeError {
	h := http.Header{}
	h.Set("Upgrade", "websocket")
	h.Set("Connection", "Upgrade")
	h.Set("Sec-WebSocket-Version", protocolVersion)
	return &HandshakeError{
		Status:  http.StatusUpgradeRequired,
		Message: fmt.Sprintf(format, args...),
		Header:  h,
	}
}
