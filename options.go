package live

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/livetopics/live/broker"
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
	// is logged, not sent. One made with Errorf is told to the client, with the
	// status of its code: 403 for forbidden, 429 for rate_limited, 503 for
	// unavailable. Without OnAuth everybody may, and Value is nil.
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

	// OnCall answers a client's call operation. name is what the client asked for, 1 to
	// 255 bytes of UTF-8; data is one valid JSON value, null where it sent none. What
	// it returns is encoded as JSON; an error is answered as Errorf says. Without
	// OnCall calls are answered with not_found.
	OnCall func(ctx context.Context, s *Session, name string, data []byte) (any, error)

	// OnRefresh is handed a new token of a client whose old one runs out soon. It may
	// call SetValue and SetExpiry. An error refuses the token, and changes nothing.
	// After it the session's own subscriptions are checked again, and those that
	// CanSubscribe refuses now are ended. Without OnRefresh there are no tokens.
	OnRefresh func(ctx context.Context, s *Session, token string) error

	// OnTopicActive is called when a topic gets its first subscriber on this server:
	// the place to start what feeds it. It belongs to no session, and delays nobody.
	OnTopicActive func(topic string)

	// OnTopicIdle is called when an active topic has had no subscriber on this server
	// for Timeouts.TopicIdle. For one topic the two are called in turns, never at once.
	OnTopicIdle func(topic string)

	// Identify derives from a session's Value which user it is of, and what others
	// may see of the user where presence is shown; info is encoded as JSON. It is
	// called often, and must do nothing else. Without it, or for an empty user, every
	// session is a user of its own.
	Identify func(value any) (user string, info any)

	// Broker keeps and spreads publications; by default in memory, for one server.
	// Those of natsbroker and redisbroker make all servers that use the same one a
	// cluster.
	Broker broker.Open

	// Node is what people call this server of a cluster, in Server.Nodes; the host's
	// name by default.
	Node string

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

	// NoPoller serves every connection by goroutines, through the methods of its
	// net.Conn, as where the system has no poller. A session costs more memory, and a
	// server whose connections are in memory runs inside a testing/synctest bubble:
	// package livetest sets it.
	NoPoller bool

	Limits   Limits   // what clients may cost
	Timeouts Timeouts // how long a peer may take

	// Logger gets what an operator should know; slog.Default() by default.
	Logger *slog.Logger
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

	// TopicIdle is how long a topic stays active without subscribers, for
	// OnTopicIdle and the broker; 10 s by default, -1 for not at all.
	TopicIdle time.Duration

	// Presence is how long a user without sessions on a topic is still present; 10 s
	// by default, -1 for not at all.
	Presence time.Duration
}

// defaultTopicIdle is Timeouts.TopicIdle's default.
const defaultTopicIdle = 10 * time.Second

func (t *Timeouts) topicIdle() time.Duration {
	if t.TopicIdle == 0 {
		return defaultTopicIdle
	}
	return max(t.TopicIdle, 0)
}

func (o *Options) engine() engine.Options {
	return engine.Options{
		QueueSize: o.QueueSize, QueueBytes: o.Limits.QueueBytes,
		ReadLimit: o.ReadLimit, MailboxSize: o.Limits.MailboxSize,
		IdleTimeout: o.Timeouts.Idle, WriteTimeout: o.Timeouts.Write, CloseTimeout: max(o.Timeouts.Close, 0),
		NetSockets: o.NoPoller, Hole: gapFrame,
	}
}
