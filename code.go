package live

import (
	"errors"
	"fmt"

	"github.com/livetopics/live/internal/protocol"
)

// The codes of refusals, as clients see them. They are stable; docs/protocol.md says
// what a client does about each.
const (
	CodeBadRequest   = protocol.CodeBadRequest   // the request breaks the protocol
	CodeUnauthorized = protocol.CodeUnauthorized // no credentials, or they have run out
	CodeForbidden    = protocol.CodeForbidden    // the credentials do not allow it
	CodeNotFound     = protocol.CodeNotFound     // what it names does not exist
	CodeTooLarge     = protocol.CodeTooLarge     // a limit of size or number is exceeded
	CodeRateLimited  = protocol.CodeRateLimited  // too much in too short a time
	CodeConflict     = protocol.CodeConflict     // it contradicts what was accepted before
	CodeUnavailable  = protocol.CodeUnavailable  // something needed does not answer; try again
	CodeInternal     = protocol.CodeInternal     // the server failed
)

// Error is a refusal that reaches the client as it is: errors of hooks and rules that
// are one, or wrap one, are told to it; all others are logged, and the client is told
// no more than their kind.
type Error struct {
	Code    string // one of the Code constants
	Message string // one sentence for a person
}

// Error gives code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes an *Error, for hooks and rules to return:
//
//	return live.Errorf(live.CodeForbidden, "%s is read-only", t.Topic)
func Errorf(code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// what a client is told where an error is not for it.
var defaultMessages = map[string]string{
	CodeForbidden:    "This is not allowed.",
	CodeUnauthorized: "The credentials are not accepted.",
	CodeUnavailable:  "A part of the server does not answer. Try again later.",
	CodeInternal:     "The server failed. The cause is in its log.",
}

// refusal is what the client is told of an error: what it says, if it is meant for
// clients, or else the given code.
func (s *Session) refusal(err error, code, doing string) *Error {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, ErrUnavailable):
		code = CodeUnavailable
	case errors.Is(err, ErrConflict):
		return &Error{CodeConflict, "The same dedup was published with other data or another key."}
	case errors.Is(err, ErrTooLarge):
		return &Error{CodeTooLarge, err.Error()}
	}
	s.server.log.Info("live: refused to "+doing, "session", s.ID(), "code", code, "error", err)
	return &Error{code, defaultMessages[code]}
}
