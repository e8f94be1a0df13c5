package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/cmd/live/internal/demo"
)

// serve is the command of that name: its fields are its flags, each also an
// environment variable, LIVE_ADDR for --addr.
type serve struct {
	Addr            string         `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen; \":8080\" is every address of this machine, port 0 a free one (${default})."`
	Demo            *bool          `negatable:"" help:"Serve the chat at /. On by default when listening on loopback only."`
	Host            []string       `placeholder:"NAME" help:"More host names to answer. On loopback only localhost, 127.0.0.1 and [::1] are answered, so that no web page can reach this server under a name of its own."`
	Origins         []string       `placeholder:"ORIGIN" help:"Origins whose pages may connect besides this server's own: https://app.example.com, https://*.example.com, or * for all."`
	QueueSize       int            `default:"256" placeholder:"N" help:"Messages that may wait for a slow session before it is closed (${default})."`
	ReadLimit       int            `default:"65536" placeholder:"BYTES" help:"Longest message a client may send (${default})."`
	Drain           *time.Duration `placeholder:"TIME" help:"Over how long SIGTERM has clients go elsewhere, each at a moment of its own, before the server closes; 10s in a cluster, 0 for a server that is alone."`
	ShutdownTimeout time.Duration  `default:"10s" placeholder:"TIME" help:"How long SIGTERM and SIGINT wait for sessions to close (${default})."`
	LogLevel        string         `default:"info" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"debug, info, warn or error (${default})."`
	LogFormat       string         `default:"text" enum:"text,json" placeholder:"FORMAT" help:"text or json; json also replaces the start-up lines by a record (${default})."`

	clustering `embed:""`
}

// A client that is slower than these is not talking HTTP. None of them touches a
// connection that has become a WebSocket.
const (
	headerTimeout  = 10 * time.Second
	readTimeout    = 30 * time.Second
	writeTimeout   = 30 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 32 << 10
)

// Run serves until SIGTERM or SIGINT, and returns after the sessions are closed.
func (c *serve) Run(to streams) error {
	listener, err := listen(c.Addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	at := listener.Addr().(*net.TCPAddr)
	withDemo := c.withDemo(at)
	logger := newLogger(to.err, c.LogLevel, c.LogFormat)

	cluster, err := c.clustering.open(logger)
	if err != nil {
		return err
	}
	options := live.Options{
		Broker:    cluster.open,
		Node:      c.Node,
		QueueSize: c.QueueSize,
		ReadLimit: c.ReadLimit,
		Origins:   c.Origins,
		Logger:    logger,
	}
	register := func(*live.Server) {}
	if withDemo {
		register = demo.Setup(&options)
	}
	server, err := live.Open(options)
	if err != nil {
		return errors.Join(err, closeWithin(cluster.close, c.ShutdownTimeout))
	}
	register(server)
	httpServer := &http.Server{
		Handler:           newHosts(at, c.Host).only(routes(server, withDemo)),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          newErrorLog(logger),
	}
	start := func() {
		if c.LogFormat == "json" {
			logger.Info("serving", "addr", at.String(), "demo", withDemo, "cluster", cluster.about, "version", version())
			return
		}
		b := newBanner(at, withDemo, isTerminal(to.out))
		b.cluster = cluster.about
		b.write(to.out)
	}
	err = untilSignal(httpServer, server, listener, stopping{c.window(), c.ShutdownTimeout, start, to.err})
	return errors.Join(err, closeWithin(cluster.close, c.ShutdownTimeout))
}

// closeWithin ends what runs inside this process beside the server.
func closeWithin(end func(context.Context) error, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return end(ctx)
}

// clusterDrain is over how long clients go elsewhere by default, where there are others.
const clusterDrain = 10 * time.Second

// window is over how long clients go elsewhere on SIGTERM.
func (c *serve) window() time.Duration {
	switch {
	case c.Drain != nil:
		return *c.Drain
	case c.alone():
		return 0
	}
	return clusterDrain
}

// withDemo reports whether the chat is served on that address.
func (c *serve) withDemo(at *net.TCPAddr) bool {
	if c.Demo != nil {
		return *c.Demo
	}
	return at.IP.IsLoopback()
}
