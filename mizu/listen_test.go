package mizu_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/livetopics/live/mizu"
)

// serve starts app on loopback and returns its URL, and what Serve will have returned.
func serve(t *testing.T, app *mizu.App) (string, <-chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() { result <- app.Serve(l) }()
	return "http://" + l.Addr().String(), result
}

func TestShutdownWaitsForRequestsAndHooks(t *testing.T) {
	app := mizu.New()
	entered, release := make(chan struct{}), make(chan struct{})
	app.Get("/slow", func(c *mizu.Ctx) error {
		close(entered)
		<-release // opened by the hook: both must run at the same time
		return c.Text("finished")
	})
	app.OnShutdown(func(context.Context) error {
		close(release)
		return nil
	})
	url, served := serve(t, app)

	answer := make(chan string, 1)
	go func() {
		r, err := http.Get(url + "/slow")
		if err != nil {
			answer <- err.Error()
			return
		}
		defer r.Body.Close()
		body, _ := io.ReadAll(r.Body)
		answer <- string(body)
	}()
	<-entered
	if err := app.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if got := <-answer; got != "finished" {
		t.Errorf("the request under way got %q", got)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if _, err := http.Get(url); err == nil {
		t.Error("a request after Shutdown was served")
	}
}

func TestServeReturnsOnlyWhenShutdownIsDone(t *testing.T) {
	app := mizu.New()
	closing, finish := make(chan struct{}), make(chan struct{})
	app.OnShutdown(func(context.Context) error {
		close(closing)
		<-finish
		return errors.New("one session would not go")
	})
	_, served := serve(t, app)
	stopped := make(chan error, 1)
	go func() { stopped <- app.Shutdown(t.Context()) }()
	<-closing
	select {
	case err := <-served:
		t.Errorf("Serve returned %v while a hook of Shutdown ran", err)
	default:
	}
	close(finish)
	if err := <-stopped; err == nil || !strings.Contains(err.Error(), "would not go") {
		t.Errorf("Shutdown hides its hook's error: %v", err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if err := app.Shutdown(t.Context()); err == nil {
		t.Error("a second Shutdown does not return what the first did")
	}
}

func TestListenReportsAnAddressInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := mizu.New().Listen(l.Addr().String()); err == nil {
		t.Error("no error for an address that is taken")
	}
}

func TestListenAfterShutdownReturnsAtOnce(t *testing.T) {
	app := mizu.New()
	if err := app.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := app.Listen("127.0.0.1:0"); err != nil {
		t.Errorf("Listen: %v", err)
	}
}
