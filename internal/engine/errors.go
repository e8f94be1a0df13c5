package engine

import (
	"errors"
	"fmt"
)

// Returned to callers.
var (
	// ErrClosed: the connection, or the whole engine, takes nothing any more.
	ErrClosed = errors.New("engine: closed")
	// ErrQueueFull: the connection's queue has no room for another frame.
	ErrQueueFull = errors.New("engine: the connection's queue is full")
	// ErrBehind: the subscription is behind already, and being brought up to date.
	ErrBehind = errors.New("engine: the subscription is behind already")
)

// Given to Handler.Closed, as are *CloseError and what the system says of a socket.
var (
	// ErrTooSlow: the queue was full, or the socket took nothing for
	// Options.WriteTimeout. The close code was CloseTooSlow.
	ErrTooSlow = errors.New("engine: the peer reads too slowly")
	// ErrDead: nothing was heard for Options.IdleTimeout, not even an answer to a ping.
	ErrDead = errors.New("engine: the peer is gone: no answer to a ping")

	errGivenUp = errors.New("connection lost: the Handler was busy when the peer closed, and for too long after")
)

// CloseTooSlow is the close code that tells a peer to come back and recover.
const CloseTooSlow = 4008

// CloseError is the close frame that ended a connection, other than cleanly: the
// peer's, or ours after the peer broke RFC 6455.
type CloseError struct {
	Code   int    // 1000 to 4999
	Reason string // at most 123 bytes
}

func (e *CloseError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("closed with code %d", e.Code)
	}
	return fmt.Sprintf("closed with code %d: %s", e.Code, e.Reason)
}
