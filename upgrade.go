package live

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/livetopics/live/internal/ws"
)

// handshakeTimeout is how long the answer to an upgrade may take to be written.
const handshakeTimeout = 10 * time.Second

// upgrade turns an HTTP request into a session (RFC 6455, section 4.2), or refuses
// it with the status that fits.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request) {
	handshake, err := ws.Check(r)
	if err == nil {
		err = s.admit(r)
	}
	var value any
	if err == nil {
		value, err = s.authenticate(r)
	}
	var session *Session
	var nc net.Conn
	var early []byte
	if err == nil {
		session = s.newSession(value)
		nc, early, err = s.takeOver(w, handshake)
	}
	var refusal *ws.HandshakeError
	if errors.As(err, &refusal) {
		ws.WriteError(w, refusal)
		return
	}
	if err != nil {
		s.log.Debug("live: upgrade failed", "remote", r.RemoteAddr, "error", err)
		return
	}
	s.engine.Attach(&session.conn, nc, early, (*inbound)(session))
}

// admit refuses what needs no look at who it is.
func (s *Server) admit(r *http.Request) error {
	if s.closing.Load() {
		return refuseClosing()
	}
	if s.originAllowed(r) {
		return nil
	}
	origin := r.Header.Get("Origin")
	return &ws.HandshakeError{Status: http.StatusForbidden, Message: fmt.Sprintf(
		"The origin %.200q is not allowed. To allow it, add it to live.Options: Origins: []string{%.200q}", origin, origin)}
}

func refuseClosing() error {
	h := http.Header{}
	h.Set("Retry-After", "1")
	return &ws.HandshakeError{Status: http.StatusServiceUnavailable, Message: "The server is shutting down. Try again.", Header: h}
}

// authenticate calls OnAuth.
func (s *Server) authenticate(r *http.Request) (value any, err error) {
	if s.opts.OnAuth == nil {
		return nil, nil
	}
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("live: panic in OnAuth", "panic", p, "stack", string(debug.Stack()))
			err = &ws.HandshakeError{Status: http.StatusInternalServerError, Message: "The server failed. The cause is in its log."}
		}
	}()
	value, err = s.opts.OnAuth(r.Context(), r)
	if err != nil {
		s.log.Info("live: OnAuth refused a connection", "remote", r.RemoteAddr, "error", err)
		return nil, &ws.HandshakeError{Status: http.StatusUnauthorized, Message: "Not authorized to connect."}
	}
	return value, nil
}

// takeOver answers the request with yes, having made sure that the session will be
// served whatever happens in between.
func (s *Server) takeOver(w http.ResponseWriter, handshake *ws.Handshake) (nc net.Conn, early []byte, err error) {
	if !s.engine.Reserve() {
		return nil, nil, refuseClosing()
	}
	if nc, early, err = hijack(w, handshake.AppendResponse(nil, "")); err != nil {
		s.engine.Release()
	}
	return nc, early, err
}

// hijack takes the connection from the HTTP server, with what was received of it
// beyond the request, and answers the request.
func hijack(w http.ResponseWriter, answer []byte) (nc net.Conn, early []byte, err error) {
	nc, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, nil, &ws.HandshakeError{Status: http.StatusInternalServerError, Message: fmt.Sprintf(
			"This HTTP server, or a middleware in front of the handler, cannot hand over its connection (%v; the ResponseWriter is a %T). "+
				"Serve WebSockets over HTTP/1.1, and give a ResponseWriter that wraps another the method Unwrap() http.ResponseWriter.", err, w)}
	}
	if n := rw.Reader.Buffered(); n > 0 {
		peek, _ := rw.Reader.Peek(n) // cannot fail: they are there
		early = append(early, peek...)
	}
	nc.SetDeadline(time.Now().Add(handshakeTimeout))
	if _, err := nc.Write(answer); err != nil {
		nc.Close()
		return nil, nil, fmt.Errorf("answer the upgrade request: %w", err)
	}
	return nc, early, nil
}

func (s *Server) newSession(value any) *Session {
	session := &Session{server: s, value: value}
	if s.opts.IDGenerator != nil {
		id := s.opts.IDGenerator()
		session.named = &id
	} else {
		rand.Read(session.random[:])
	}
	return session
}
