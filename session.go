package live

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/livetopics/live/internal/engine"
	"github.com/livetopics/live/internal/ws"
)

// Session is one client's connection. It is made by the server, and its methods may
// be called from any goroutine, at any time, also after its end.
type Session struct {
	// Set once, before the first hook.
	server *Server
	random [16]byte // the ID, unless there is one of the application's
	named  *string  // Options.IDGenerator's
	conn   engine.Conn

	extra atomic.Pointer[extra]

	spoke atomic.Bool // it knows of events: it sent an operation, or offered live.v1

	// For the mailbox's goroutine only.
	bad    uint8  // malformed frames in a row
	sent   uint8  // messages received in this second, as long as they are few
	second uint16 // which that is

	mu    sync.Mutex // guards value
	value any
}

// ID identifies the session among all there ever were: 22 characters, letters,
// digits, - and _, or what Options.IDGenerator made.
func (s *Session) ID() string {
	if s.named != nil {
		return *s.named
	}
	return base64.RawURLEncoding.EncodeToString(s.random[:])
}

// Server returns the server that the session is connected to.
func (s *Session) Server() *Server { return s.server }

// Value returns what OnAuth returned, or the last SetValue set.
func (s *Session) Value() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value
}

// SetValue replaces what Value returns. Where Options.Identify makes another user of it,
// or another info, those who watch the presence of the session's topics are told; in a
// cluster it waits for the broker then.
func (s *Session) SetValue(v any) {
	var was person
	watched := s.server.opts.Identify != nil && s.extra.Load() != nil
	if watched {
		was = s.identity()
	}
	s.mu.Lock()
	s.value = v
	s.mu.Unlock()
	s.server.users.add(s)
	if watched {
		s.reappear(was)
	}
}

// Send sends a message to this session alone. What one goroutine sends and publishes
// reaches a session in that order. Data is copied. Send waits while the server is
// more than 16,384 publications and messages behind, and otherwise does not block;
// that it returned nil does not say that the client has it.
//
// It returns ErrInvalidTopic, ErrInvalidData, ErrSessionClosed or ErrQueueFull.
func (s *Session) Send(m Message) error {
	f, err := encode(m)
	if err != nil {
		return s.server.refused("send", err)
	}
	return sessionError(s.conn.Send(f))
}

// Close ends the session cleanly: what was sent and published before is still
// delivered, then the close frame with code 1000. Messages of the client that
// OnMessage has not seen yet are dropped. It does not block, and does nothing if
// the session has ended; the error is always nil.
func (s *Session) Close() error {
	s.conn.Close(ws.CloseNormal, "", nil)
	return nil
}

// CloseWith is Close with a code and a reason, of which the client sees at most 123
// bytes. CloseError and OnClose report codes other than 1000 and 1001. It returns
// ErrInvalidCloseCode for a code that may not be sent (RFC 6455, section 7.4):
// allowed are 1000 to 1003, 1007 to 1014 and 3000 to 4999.
func (s *Session) CloseWith(code int, reason string) error {
	if !ws.Sendable(code) {
		return fmt.Errorf("%w %d: use 1000, 1001 or one from 3000 to 4999", ErrInvalidCloseCode, code)
	}
	var err error
	if code != ws.CloseNormal && code != ws.CloseGoingAway {
		err = &CloseError{Code: code, Reason: reason}
	}
	s.conn.Close(code, reason, err)
	return nil
}

// IsClosed reports whether the session has ended: nothing can be sent to it.
func (s *Session) IsClosed() bool { return s.conn.Ended() }

// CloseError returns why the session ended: a *CloseError, or nil if it ended
// cleanly or has not ended.
func (s *Session) CloseError() error { return closeError(s.conn.Err()) }

// Topics lists what the session is subscribed to, in the order it subscribed, also
// in OnClose. After that there are none.
func (s *Session) Topics() []string {
	return slices.DeleteFunc(s.conn.Topics(), func(name string) bool { return strings.HasPrefix(name, presencePrefix) })
}

// Context ends with the session, before OnClose is called. It carries no values:
// what belongs to a session goes into Value. It costs nothing until it is used.
func (s *Session) Context() context.Context { return (*sessionContext)(s) }

// sessionError is what callers see of the engine's errors.
func sessionError(err error) error {
	switch err {
	case engine.ErrClosed:
		return ErrSessionClosed
	case engine.ErrQueueFull:
		return ErrQueueFull
	}
	return err
}
