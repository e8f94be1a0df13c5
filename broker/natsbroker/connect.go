package natsbroker

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// How the connection is kept.
const (
	retryFirst = 50 * time.Millisecond
	retryMost  = 2 * time.Second
	pingEvery  = 5 * time.Second // so that a dead connection is noticed after about three of them
	dialWait   = 2 * time.Second
)

// connect begins to connect. It fails where trying again does not help.
func (b *Broker) connect() error {
	opts := append([]nats.Option{nats.Name("live " + b.opts.Prefix)}, b.opts.NATS...)
	opts = append(opts,
		nats.RetryOnFailedConnect(false),
		nats.MaxReconnects(-1),
		nats.CustomReconnectDelay(retryDelay),
		nats.IgnoreAuthErrorAbort(),
		nats.ReconnectBufSize(-1), // what cannot be sent now fails now
		nats.PingInterval(pingEvery),
		nats.MaxPingsOutstanding(2),
		nats.Timeout(dialWait),
		nats.ConnectHandler(b.connected),
		nats.ReconnectHandler(b.connected),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if !b.closed.Load() {
				b.link.lost(err)
				b.window.nudge()
			}
		}),
		nats.ErrorHandler(b.complained),
	)
	conn, err := nats.Connect(b.opts.URL, opts...)
	if err != nil && !hopeless(err) {
		b.opts.Logger.Warn("natsbroker: NATS cannot be reached yet; it is tried again", "error", err)
		conn, err = nats.Connect(b.opts.URL, append(opts, nats.RetryOnFailedConnect(true))...)
	}
	if err != nil {
		return fmt.Errorf("natsbroker: failed to connect: %w", err)
	}
	b.conn = conn
	if err := b.calls.open(conn); err != nil {
		conn.Close()
		return err
	}
	for _, subject := range []string{b.subjects.spread + "*." + marker, elected + ">"} {
		if _, err := conn.ChanSubscribe(subject, b.line); err != nil {
			conn.Close()
			b.calls.close()
			return fmt.Errorf("natsbroker: failed to subscribe to %s: %w", subject, err)
		}
	}
	close(b.opened)
	if conn.IsConnected() {
		b.connected(conn)
	}
	return nil
}

// hopeless reports whether the servers are there and do not want us.
func hopeless(err error) bool {
	return errors.Is(err, nats.ErrAuthorization) || errors.Is(err, nats.ErrAuthExpired) ||
		errors.Is(err, nats.ErrAuthRevoked) || errors.Is(err, nats.ErrAccountAuthExpired) ||
		errors.Is(err, nats.ErrNkeysNotSupported) || errors.Is(err, nats.ErrSecureConnRequired)
}

// retryDelay grows with the number of rounds, each time another.
func retryDelay(rounds int) time.Duration {
	d := retryFirst << min(max(rounds-1, 0), 10)
	return jittered(min(d, retryMost))
}

// connected is called by NATS when there is a connection, the first or another.
func (b *Broker) connected(conn *nats.Conn) {
	select {
	case <-b.opened:
	case <-b.ctx.Done():
		return
	}
	if err := b.barrier.open(); err != nil {
		b.opts.Logger.Warn("natsbroker: failed to greet the other servers", "error", err)
	}
	b.link.found(serverOf(conn))
	b.presence.recheck()
	b.maintain.compare(nil)
}

// serverOf names the server. One inside the process has no address: what the connection
// gives for it is what was to be dialed.
func serverOf(conn *nats.Conn) string {
	if conn.Opts.InProcessServer != nil {
		return conn.ConnectedServerName() + " (in this process)"
	}
	return conn.ConnectedUrlRedacted()
}

// complained is called by NATS for what goes wrong while it is connected.
func (b *Broker) complained(_ *nats.Conn, sub *nats.Subscription, err error) {
	if errors.Is(err, nats.ErrSlowConsumer) {
		if b.counters.dropped.Add(1) == 1 {
			b.opts.Logger.Warn("natsbroker: publications come faster than this node delivers them: those of topics"+
				" without history are lost, the others are read from the history", "buffer", b.opts.Buffer)
		}
		b.maintain.compare(nil)
		return
	}
	subject := ""
	if sub != nil {
		subject = sub.Subject
	}
	b.opts.Logger.Warn("natsbroker: NATS reports an error", "subject", subject, "error", err)
}
