package live

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/livetopics/live/internal/engine"
	"github.com/livetopics/live/internal/ws"
)

// handshakeTimeout is how long the answer to an upgrade may take to be written.
const handshakeTimeout = 10 * time.Second

// upgrade turns an HTTP request into a session (RFC 6455, section 4.2), or refuses
// it with the status that fits.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request) {
	if !s.serving.Load() {
		s.serving.Store(true)
	}
	handshake, err := ws.Check(r)
	if err == nil {
		err = s.admit(r)
	}
	if err == nil {
		err = s.welcomeIn(w, r, handshake)
	}
	var refusal *ws.HandshakeError
	if errors.As(err, &refusal) {
		ws.WriteError(w, refusal)
		return
	}
	if err != nil {
		s.log.Debug("live: upgrade failed", "remote", r.RemoteAddr, "error", err)
	}
}

// welcomeIn makes a session of a request that the origin and the protocol allow.
func (s *Server) welcomeIn(w http.ResponseWriter, r *http.Request, handshake *ws.Handshake) error {
	versioned := slices.Contains(handshake.Protocols, subprotocol)
	client, err := clientName(r)
	if err != nil {
		return err
	}
	address, err := s.admitOne(r)
	if err != nil {
		return s.refuse(w, handshake, versioned, err)
	}
	value, err := s.authenticate(r)
	if err != nil {
		s.census.exit(address)
		return s.refuse(w, handshake, versioned, err)
	}
	session := s.newSession(value)
	if client != "" || versioned || address.IsValid() {
		session.more().greeting = &greeting{client, address, versioned}
	}
	nc, early, err := s.takeOver(w, handshake, versioned)
	if err != nil {
		s.census.exit(address)
		return err
	}
	s.sessions.add(session) // for its first hook
	s.users.add(session)
	s.engine.Attach(&session.conn, nc, early, (*inbound)(session))
	s.sessions.add(session) // if somebody has asked for the first time meanwhile
	s.users.add(session)
	return nil
}

// subprotocol is what a client offers that knows operations and events.
const subprotocol = "live.v1"

// maxClient is how long a client's name may be.
const maxClient = 64

// clientName is what a client calls itself over its connections.
func clientName(r *http.Request) (string, error) {
	name := r.URL.Query().Get("client")
	if len(name) > maxClient || !utf8.ValidString(name) || strings.IndexFunc(name, unicode.IsControl) >= 0 {
		return "", &ws.HandshakeError{Status: http.StatusBadRequest, Message: fmt.Sprintf(
			"The client parameter must be at most %d bytes of UTF-8 without control characters.", maxClient)}
	}
	return name, nil
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
		return nil, authError(err)
	}
	return value, nil
}

// authError is what OnAuth's refusal looks like over HTTP.
func authError(err error) *ws.HandshakeError {
	var e *Error
	if !errors.As(err, &e) {
		return &ws.HandshakeError{Status: http.StatusUnauthorized, Message: "Not authorized to connect."}
	}
	status, known := statuses[e.Code]
	if !known {
		status = http.StatusUnauthorized
	}
	return &ws.HandshakeError{Status: status, Message: e.Message}
}

// statuses are those of codes that say that a client may not connect.
var statuses = map[string]int{
	CodeUnauthorized: http.StatusUnauthorized,
	CodeForbidden:    http.StatusForbidden,
	CodeRateLimited:  http.StatusTooManyRequests,
	CodeUnavailable:  http.StatusServiceUnavailable,
	CodeInternal:     http.StatusInternalServerError,
}

// refuse refuses a connection. A browser does not show a page the status of an answer:
// a client of live.v1 is told by a close frame.
func (s *Server) refuse(w http.ResponseWriter, handshake *ws.Handshake, versioned bool, err error) error {
	var refusal *ws.HandshakeError
	if !versioned || !errors.As(err, &refusal) {
		return err
	}
	code := ws.CloseTryAgainLater
	switch refusal.Status {
	case http.StatusUnauthorized:
		code = CloseExpired
	case http.StatusForbidden:
		code = CloseNotAllowed
	}
	nc, early, err := s.takeOver(w, handshake, true)
	if err != nil {
		return err
	}
	c := &refused{code: code, reason: refusal.Message}
	s.engine.Attach(&c.conn, nc, early, c)
	return nil
}

// refused is a connection that is closed as soon as it is open.
type refused struct {
	conn   engine.Conn
	code   int
	reason string
}

var _ engine.Handler = (*refused)(nil)

// Opened closes it.
func (c *refused) Opened() {
	c.conn.Close(c.code, c.reason, &CloseError{Code: c.code, Reason: c.reason})
}

// Message does nothing.
func (c *refused) Message(ws.Opcode, []byte) {}

// Closed does nothing.
func (c *refused) Closed(error) {}

// Behind does nothing.
func (c *refused) Behind(engine.Held, uint64) {}

// takeOver answers the request with yes, having made sure that the session will be
// served whatever happens in between.
func (s *Server) takeOver(w http.ResponseWriter, handshake *ws.Handshake, versioned bool) (nc net.Conn, early []byte, err error) {
	if !s.engine.Reserve() {
		return nil, nil, refuseClosing()
	}
	chosen := ""
	if versioned {
		chosen = subprotocol
	}
	if nc, early, err = hijack(w, handshake.AppendResponse(nil, chosen)); err != nil {
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
