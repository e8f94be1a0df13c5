package client

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Returned by the methods of Client and Subscription, possibly wrapped.
var (
	// ErrClosed: Close was called.
	ErrClosed = errors.New("client: closed")
	// ErrDisconnected: the connection was lost before the answer came. Whether the
	// request took effect is not known.
	ErrDisconnected = errors.New("client: the connection was lost before the answer came")
	// ErrSubscribed: this client has a subscription to the topic already.
	ErrSubscribed = errors.New("client: subscribed already")
	// ErrUnsubscribed: Unsubscribe was called.
	ErrUnsubscribed = errors.New("client: unsubscribed")
	// ErrInvalidData: the data is not one JSON value in UTF-8.
	ErrInvalidData = errors.New("client: invalid data")
	// ErrInvalidTopic: the topic is empty, longer than 255 bytes or not UTF-8.
	ErrInvalidTopic = errors.New("client: invalid topic")
	// ErrTooLarge: what is to be sent is larger than Options.WriteLimit.
	ErrTooLarge = errors.New("client: larger than Options.WriteLimit")
	// ErrUnknown: a publication may have been accepted or not. It was sent, no answer
	// came, and it is too late to send it again: the server knows a dedup for two
	// minutes.
	ErrUnknown = errors.New("client: whether it was published is not known")
)

// errSilent is the cause of a connection's end.
var errSilent = errors.New("the server gives no sign of life")

// The codes of refusals. Treat one that is not here as CodeInternal.
const (
	CodeBadRequest   = "bad_request"  // the request breaks the protocol
	CodeUnauthorized = "unauthorized" // no credentials, or they have run out
	CodeForbidden    = "forbidden"    // the credentials do not allow it
	CodeNotFound     = "not_found"    // what it names does not exist
	CodeTooLarge     = "too_large"    // a limit of size or number is exceeded
	CodeRateLimited  = "rate_limited" // too much in too short a time
	CodeConflict     = "conflict"     // it contradicts what was accepted before
	CodeUnavailable  = "unavailable"  // something that the server needs does not answer
	CodeInternal     = "internal"     // the server failed
)

// Error is the server's refusal of a request.
type Error struct {
	Code    string `json:"code"`    // one of the Code constants
	Message string `json:"message"` // one sentence for a person
}

// Error gives code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// passing reports whether the same request may be taken a little later.
func (e *Error) passing() bool {
	return e.Code == CodeUnavailable || e.Code == CodeRateLimited || e.Code == CodeInternal
}

// isCode reports whether err is a refusal with the code.
func isCode(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// CloseError says how a connection ended.
type CloseError struct {
	Code   int    // of the close frame; 1006 if there was none
	Reason string // of the close frame, or what was wrong
	cause  error
}

// Error gives code and reason.
func (e *CloseError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("connection closed with code %d", e.Code)
	}
	return fmt.Sprintf("connection closed with code %d: %s", e.Code, e.Reason)
}

// Unwrap gives the cause, or nil.
func (e *CloseError) Unwrap() error { return e.cause }

// HandshakeError is an HTTP answer that refuses the connection.
type HandshakeError struct {
	Status     int           // of the answer
	Message    string        // its body, 1 KiB at most
	RetryAfter time.Duration // what the server asks for; 0 if nothing
}

// Error gives the status and the message.
func (e *HandshakeError) Error() string {
	return fmt.Sprintf("connection refused with HTTP %d (%s): %s", e.Status, http.StatusText(e.Status), e.Message)
}

// comesBack reports whether a client comes back after the close code. After all others
// the server meant it for good.
func comesBack(code int) bool {
	return code == 1001 || code == 1006 || code >= 1011 && code <= 1013 || code >= 4000 && code <= 4499
}

// forGood reports whether err, from an attempt to connect or of a connection's end, says
// that there is no use in trying again.
func forGood(err error) bool {
	var refused *HandshakeError
	var closed *CloseError
	switch {
	case errors.As(err, &refused):
		switch refused.Status {
		case http.StatusBadRequest, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusUpgradeRequired:
			return true
		}
	case errors.As(err, &closed):
		return !comesBack(closed.Code)
	}
	return errors.Is(err, errBadOptions)
}
