package live

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/livetopics/live/internal/engine"
)

// Options of a Server. The zero value is a working server that lets everybody in
// and drops what they send. For numbers and durations 0 is the default; for those
// whose comment says so, -1 is none.
//
// # Hooks
//
// The hooks of one session are called one at a time and in order: OnConnect,
// OnMessage for every message, OnClose. Those of different sessions run in
// parallel. They may block, which delays their own session only, and may call any
// method of server and session; only Shutdown waits for hooks, and so must be
// started in a goroutine from within one. A panic in a hook is logged with its
// stack, and closes that session with code 1011.
type Options struct {
	// OnAuth decides who may connect, before the upgrade, and returns what
	// Session.Value is to be. An error refuses the connection with 401; its text
	// is logged, not sent. Without OnAuth everybody may, and Value is nil.
	OnAuth func(ctx context.Context, r *http.Request) (any, error)

	// OnConnect is called once per session, after the upgrade and before its first
	// message: the place to subscribe it. An error closes the session with code
	// 4503; its text is logged, not sent. ctx is Session.Context.
	OnConnect func(ctx context.Context, s *Session) error

	// OnMessage is called for every message that a client sends. topic is at most
	// 255 bytes of UTF-8; data is one valid JSON value, null where the client sent
	// none, and the hook may keep it. ctx is Session.Context.
	OnMessage func(ctx context.Context, s *Session, topic string, data []byte)

	// OnClose is called exactly once for every session, after its last OnMessage
	// has returned. err is nil after a clean close, else a *CloseError. In it,
	// Session.Topics still lists what the session was subscribed to.
	OnClose func(s *Session, err error)

	// QueueSize is how many messages may wait for a session whose socket takes no
	// more; 256 by default. A session that falls further behind is closed with
	// code 4008. What the operating system buffers does not count.
	QueueSize int

	// ReadLimit is the largest message in bytes that a client may send; 64 KiB by
	// default. A larger one closes the session with code 1009.
	ReadLimit int

	// Origins lists the browser origins that may connect, besides the server's
	// own: "https://example.com", "https://*.example.com" for all its subdomains,
	// or "*" for any. A request without Origin comes from no browser, and is let in.
	Origins []string

	// CheckOrigin decides in place of Origins, if it is set.
	CheckOrigin func(r *http.Request) bool

	// IDGenerator makes session IDs. They must be unique. By default they are 128
	// random bits in 22 characters.
	IDGenerator func() string

	Limits   Limits   // what one session may cost
	Timeouts Timeouts // how long a peer may take

	// Logger gets what an operator should know; slog.Default() by default.
	Logger *slog.Logger
}

// Limits bound what one session can cost.
type Limits struct {
	// QueueBytes is QueueSize in bytes; 2 MiB by default. One message, however
	// large, may always wait.
	QueueBytes int

	// MailboxSize is how many of a session's messages may wait for OnMessage before
	// its socket is not read any further; 128 by default.
	MailboxSize int
}

// Timeouts are how long a peer may take.
type Timeouts struct {
	// Idle is after how long without a sign of life, not even the answer to a
	// ping, a session is closed; one minute by default, -1 for never.
	Idle time.Duration

	// Write is how long a session's socket may take nothing of what waits for it
	// before the session is closed with code 4008; 10 s by default, -1 for ever.
	Write time.Duration

	// Close is how long a peer has to answer a close frame; 5 s by default.
	Close time.Duration
}

func (o *Options) engine() engine.Options {
	return engine.Options{
		QueueSize: o.QueueSize, QueueBytes: o.Limits.QueueBytes,
		ReadLimit: o.ReadLimit, MailboxSize: o.Limits.MailboxSize,
		IdleTimeout: o.Timeouts.Idle, WriteTimeout: o.Timeouts.Write, CloseTimeout: max(o.Timeouts.Close, 0),
	}
}
