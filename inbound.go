package live

import (
	"fmt"
	"runtime/debug"

	"github.com/livetopics/live/internal/engine"
	"github.com/livetopics/live/internal/protocol"
	"github.com/livetopics/live/internal/ws"
)

// mostBadFrames is how many malformed frames in a row close a session.
const mostBadFrames = 16

// inbound is a Session as the engine sees it: what becomes of its messages. Its
// methods are called by one goroutine at a time.
type inbound Session

var _ engine.Handler = (*inbound)(nil)

// Opened calls OnConnect.
func (in *inbound) Opened() {
	s := (*Session)(in)
	hook := s.server.opts.OnConnect
	if hook == nil {
		return
	}
	s.protect("OnConnect", func() {
		if err := hook(s.Context(), s); err != nil && !s.IsClosed() {
			s.server.log.Info("live: OnConnect refused a session", "session", s.ID(), "error", err)
			const reason = "not allowed to connect"
			s.conn.Close(CloseNotAllowed, reason, &CloseError{CloseNotAllowed, reason, err})
		}
	})
}

// Message takes a frame apart and calls OnMessage.
func (in *inbound) Message(op ws.Opcode, payload []byte) {
	s := (*Session)(in)
	if op != ws.OpText {
		s.malformed("a message is JSON in a text frame; this frame is binary")
		return
	}
	var e protocol.Envelope
	if err := protocol.Split(payload, &e); err != nil {
		s.malformed(err.Error())
		return
	}
	hook := s.server.opts.OnMessage
	if e.Op != nil || hook == nil {
		s.malformed(notTaken(&e))
		return
	}
	s.bad = 0
	s.protect("OnMessage", func() { hook(s.Context(), s, e.TopicString(), e.DataOrNull()) })
}

// notTaken says why a well-formed frame is nothing to this server.
func notTaken(e *protocol.Envelope) string {
	if e.Op != nil {
		return `this server knows no operations: leave out the member "op"`
	}
	return "this server takes no messages from clients"
}

// Closed calls OnClose.
func (in *inbound) Closed(err error) {
	s := (*Session)(in)
	if hook := s.server.opts.OnClose; hook != nil {
		s.protect("OnClose", func() { hook(s, closeError(err)) })
	}
}

// malformed answers a frame that is no message. A client that sends nothing else is
// sent away.
func (s *Session) malformed(message string) {
	s.conn.Send(errorFrame(protocol.CodeBadRequest, message)) // a full queue has its own end
	if s.bad++; s.bad >= mostBadFrames {
		reason := fmt.Sprintf("%d malformed frames in a row", mostBadFrames)
		s.conn.Close(CloseDisconnected, reason, &CloseError{Code: CloseDisconnected, Reason: reason})
	}
}

// protect calls a hook, and ends the session if it panics.
func (s *Session) protect(name string, hook func()) {
	defer func() {
		if p := recover(); p != nil {
			s.server.log.Error("live: panic in "+name, "session", s.ID(), "panic", p, "stack", string(debug.Stack()))
			const reason = "internal error"
			s.conn.Close(ws.CloseInternal, reason, &CloseError{ws.CloseInternal, reason, ErrHookPanic})
		}
	}()
	hook()
}
