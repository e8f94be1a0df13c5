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

// mostRefused is how many frames in a row beyond a rate limit close a session. Its
// counter goes no further.
const mostRefused = 255

// inbound is a Session as the engine sees it: what becomes of its messages. Its
// methods but Behind are called by one goroutine at a time.
type inbound Session

var _ engine.Handler = (*inbound)(nil)

// Opened greets a client that knows greetings, and calls OnConnect.
func (in *inbound) Opened() {
	s := (*Session)(in)
	if s.greeted().versioned {
		s.speaks()
		s.conn.Reply(eventFrame("", "welcome", s.welcome()))
		s.tellDrainNow()
	}
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

// welcome is the data of the event that a client of live.v1 gets first.
func (s *Session) welcome() []byte {
	return append(protocol.AppendString([]byte(`{"session":`), s.ID()), '}')
}

// Message takes a frame apart, and runs its operation or calls OnMessage.
func (in *inbound) Message(op ws.Opcode, payload []byte) {
	s := (*Session)(in)
	if exceeded := s.pace(len(payload)); exceeded != "" {
		s.tooFast(op, payload, exceeded)
		return
	}
	if op != ws.OpText {
		s.malformed("a message is JSON in a text frame; this frame is binary")
		return
	}
	var e protocol.Envelope
	if err := protocol.Split(payload, &e); err != nil {
		s.malformed(err.Error())
		return
	}
	if e.Op != nil {
		s.operate(payload)
		return
	}
	hook := s.server.opts.OnMessage
	if hook == nil {
		s.malformed(`this server takes no messages from clients but operations, which have a member "op"`)
		return
	}
	s.bad = 0
	s.protect("OnMessage", func() { hook(s.Context(), s, e.TopicString(), e.DataOrNull()) })
}

// Closed calls OnClose.
func (in *inbound) Closed(err error) {
	s := (*Session)(in)
	if hook := s.server.opts.OnClose; hook != nil {
		s.protect("OnClose", func() { hook(s, closeError(err)) })
	}
	s.server.gone(s)
}

// gone is told that a session has ended, and that all its hooks have returned.
func (s *Server) gone(session *Session) {
	s.leaveAll(session)
	s.expiries.forget(session)
	s.users.gone(session)
	s.census.exit(session.greeted().address)
	s.draining.Load().left()
	s.sessions.remove(session) // last: a session that is not found any more counts nowhere
}

// malformed answers a frame that is no message. A client that sends nothing else is
// sent away.
func (s *Session) malformed(message string) {
	s.conn.Send(errorFrame(protocol.CodeBadRequest, message)) // a full queue has its own end
	s.misbehaved(&s.bad, mostBadFrames, "malformed frames in a row")
}

// misbehaved counts a frame that was refused, and sends away who sends only such.
func (s *Session) misbehaved(row *uint8, most int, what string) {
	if *row++; int(*row) >= most {
		reason := fmt.Sprintf("%d %s", most, what)
		s.conn.Close(CloseDisconnected, reason, &CloseError{Code: CloseDisconnected, Reason: reason})
	}
}

// tooFast answers a frame beyond a rate limit, which is read no further than to find
// whom to answer.
func (s *Session) tooFast(op ws.Opcode, payload []byte, exceeded string) {
	s.server.rateLimited.Add(1)
	var request protocol.Operation
	if op == ws.OpText {
		_ = protocol.ParseOperation(payload, &request) // what else is wrong with it does not matter now
	}
	if request.Kind == 0 && request.ID == nil {
		s.conn.Send(errorFrame(protocol.CodeRateLimited, exceeded))
	} else {
		s.answer(protocol.AppendRefusal(nil, request.ID, protocol.CodeRateLimited, exceeded))
	}
	s.misbehaved(&s.extra.Load().rate.refused, mostRefused, "messages in a row beyond the rate limit")
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
