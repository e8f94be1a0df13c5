package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/livetopics/live"
)

// stopping is how serving begins and ends.
type stopping struct {
	drain   time.Duration // over which SIGTERM has clients go elsewhere first
	timeout time.Duration // for sessions to close
	start   func()        // called when signals are being listened to
	notes   io.Writer     // for the line that says what is being waited for
}

// untilSignal serves until SIGTERM or SIGINT and returns when the sessions are
// closed, or with an error after the timeout. Before it closes them, SIGTERM, which is
// what others send, has clients go elsewhere. A second signal ends the process at once,
// as if nobody listened to it.
func untilSignal(httpServer *http.Server, server *live.Server, listener net.Listener, how stopping) error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	// http.Server does not know of connections that became WebSockets.
	closed := make(chan error, 1)
	httpServer.RegisterOnShutdown(func() { closed <- server.Shutdown(ctx) })

	served := make(chan error, 1)
	go func() { served <- httpServer.Serve(listener) }() // owner: this function; ends with Shutdown below
	how.start()
	select {
	case err := <-served:
		return fmt.Errorf("serving ended: %w", err)
	case which := <-signals:
		signal.Stop(signals)
		if n := server.Stats().Sessions; which == syscall.SIGTERM && how.drain > 0 && n > 0 {
			fmt.Fprintf(how.notes, "sending %d sessions elsewhere over %v; once more stops at once\n", n, how.drain)
			_ = server.Drain(ctx, how.drain) // ctx has not ended
		}
	}
	if n := server.Stats().Sessions; n > 0 {
		fmt.Fprintf(how.notes, "closing %d sessions, for up to %v; once more stops at once\n", n, how.timeout)
	}
	timer := time.AfterFunc(how.timeout, cancel)
	defer timer.Stop()
	err := errors.Join(httpServer.Shutdown(ctx), <-closed)
	<-served
	if err != nil {
		_ = httpServer.Close() // what it could not do is said below
		return fmt.Errorf("not everything was closed within %v; what was left has been cut off", how.timeout)
	}
	return nil
}
