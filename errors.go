package live

import (
	"errors"
	"fmt"

	"github.com/livetopics/live/internal/engine"
	"github.com/livetopics/live/internal/ws"
)

// Returned by the methods of Server and Session, possibly wrapped.
var (
	// ErrSessionClosed: the session has ended, or Close was called.
	ErrSessionClosed = errors.New("live: the session is closed")
	// ErrServerClosed: Shutdown has been called.
	ErrServerClosed = errors.New("live: the server is shut down")
	// ErrQueueFull: Options.QueueSize messages wait for the session's socket
	// already. This one was not sent.
	ErrQueueFull = errors.New("live: the session's queue is full")
	// ErrInvalidTopic: the name is not a topic. The text says which rule it breaks.
	ErrInvalidTopic = errors.New("live: invalid topic")
	// ErrInvalidData: the data is not one valid JSON value in UTF-8. The text says
	// where.
	ErrInvalidData = errors.New("live: invalid data")
	// ErrWrongServer: the session is nil, or another server's.
	ErrWrongServer = errors.New("live: the session is not this server's")
	// ErrInvalidKey: a Key or Dedup is too long or has control characters.
	ErrInvalidKey = errors.New("live: invalid key")
	// ErrTooLarge: the data is larger than Limits.PublicationSize, or than the broker
	// takes.
	ErrTooLarge = errors.New("live: publication too large")
	// ErrConflict: the Dedup was used before, with other data or another key.
	ErrConflict = errors.New("live: dedup repeated with other data")
	// ErrUnavailable: the broker does not answer. Whether a publication was accepted
	// is not known.
	ErrUnavailable = errors.New("live: the broker is unavailable")
	// ErrNoPresence: the topic's rule does not ask for presence.
	ErrNoPresence = errors.New("live: the topic has no presence")
	// ErrInvalidCloseCode: an endpoint may not send this close code.
	ErrInvalidCloseCode = errors.New("live: invalid close code")
)

// Causes of a CloseError, found with errors.Is.
var (
	// ErrTooSlow: the client did not read what was sent to it.
	ErrTooSlow = errors.New("the client reads too slowly")
	// ErrIdle: the client gave no sign of life for Timeouts.Idle.
	ErrIdle = errors.New("no sign of life from the client")
	// ErrHookPanic: a hook panicked.
	ErrHookPanic = errors.New("a hook panicked")
)

// Close codes beyond those of RFC 6455, section 7.4.1. After 4000 to 4499 a client
// comes back, after 4500 to 4999 it does not.
const (
	CloseTooSlow      = engine.CloseTooSlow // 4008: the client reads too slowly
	CloseDisconnected = 4501                // the server wants this client no more
	CloseNotAllowed   = 4503                // the client may not connect
)

// CloseError says how a session ended other than cleanly. It wraps the cause, where
// there is one beyond the close frame: ErrTooSlow, ErrIdle, ErrHookPanic, what
// OnConnect returned, or an error of the connection.
type CloseError struct {
	Code   int    // the close code that was sent or received; 1006 if there was none
	Reason string // of the close frame, or what was wrong with the connection
	cause  error
}

// Error gives code and reason.
func (e *CloseError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("session closed with code %d", e.Code)
	}
	return fmt.Sprintf("session closed with code %d: %s", e.Code, e.Reason)
}

// Unwrap gives the cause, or nil.
func (e *CloseError) Unwrap() error { return e.cause }

// closeError is what hooks see of the engine's reason for an end.
func closeError(err error) error {
	var frame *engine.CloseError
	var ours *CloseError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ours):
		return ours
	case errors.As(err, &frame):
		return &CloseError{Code: frame.Code, Reason: frame.Reason}
	case errors.Is(err, engine.ErrTooSlow):
		return &CloseError{CloseTooSlow, ErrTooSlow.Error(), ErrTooSlow}
	case errors.Is(err, engine.ErrDead):
		return &CloseError{ws.CloseAbnormal, ErrIdle.Error(), ErrIdle}
	case errors.Is(err, engine.ErrClosed):
		return &CloseError{ws.CloseAbnormal, ErrServerClosed.Error(), ErrServerClosed}
	}
	return &CloseError{ws.CloseAbnormal, err.Error(), err}
}
