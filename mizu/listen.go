package mizu

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
)

// Listen serves on a TCP address such as "127.0.0.1:8080" and blocks. It returns nil after Shutdown, once
// that has done all its work, so that main may then return; else the error that ended it.
func (a *App) Listen(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	return a.Serve(l)
}

// Serve is Listen on a listener that is already there; it closes l.
func (a *App) Serve(l net.Listener) error {
	if err := a.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-a.ended
	return nil
}

// OnShutdown adds what Shutdown does besides, such as (*live.Server).Shutdown: net/http does not know of
// connections that were hijacked. f runs in a goroutine that Shutdown waits for: it returns when ctx ends.
func (a *App) OnShutdown(f func(ctx context.Context) error) { a.onShutdown = append(a.onShutdown, f) }

// Shutdown takes no new connections, runs what OnShutdown added, and blocks until that and all requests
// have ended or ctx has. It returns their errors joined; a second call returns what the first did.
func (a *App) Shutdown(ctx context.Context) error {
	a.shutdown.Do(func() {
		defer close(a.ended)
		errs := make([]error, len(a.onShutdown)+1)
		var running sync.WaitGroup
		for i, f := range a.onShutdown {
			running.Go(func() { errs[i] = f(ctx) })
		}
		errs[len(errs)-1] = a.server.Shutdown(ctx)
		running.Wait()
		a.shutdownErr = errors.Join(errs...)
	})
	return a.shutdownErr
}
