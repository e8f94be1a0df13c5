package live_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/livetopics/live"
)

// shutdown runs Shutdown with patience, and gives what it returns.
func shutdown(r *rig) <-chan error {
	done := make(chan error, 1)
	go func() { // ends with Shutdown
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		done <- r.server.Shutdown(ctx)
	}()
	return done
}

func TestShutdownDeliversWhatWaitsAndCloses1001(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{QueueSize: 10_000})
		var clients []*client
		for range 10 {
			c, s := r.pair(t)
			r.subscribe(t, s, "n")
			clients = append(clients, c)
		}
		for _, d := range numbers(1000) {
			r.publish(t, "n", d)
		}
		done := shutdown(r)
		for _, c := range clients {
			c.want(t, "n", numbers(1000)...)
			if reason := c.wantClose(t, 1001); reason == "" {
				t.Error("the close frame gives no reason")
			}
		}
		if err := within(t, "Shutdown", done); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		for range clients {
			if end := within(t, "OnClose", r.left); end.err != nil {
				t.Errorf("OnClose had %v, want nil", end.err)
			}
		}
	})
}

func TestShutdownWaitsForHooks(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		entered, release := make(chan bool, 2), make(chan struct{})
		r := serve(t, kind, live.Options{
			OnMessage: func(context.Context, *live.Session, string, []byte) { entered <- true; <-release },
			OnClose:   func(*live.Session, error) { entered <- true; <-release },
		})
		c, _ := r.pair(t)
		c.send(t, "x", "1")
		within(t, "OnMessage", entered)
		done := shutdown(r)
		c.wantClose(t, 1001)
		release <- struct{}{}
		within(t, "OnClose", entered)
		select {
		case err := <-done:
			t.Errorf("Shutdown returned %v while OnClose was running", err)
		default:
		}
		close(release)
		if err := within(t, "Shutdown", done); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

func TestShutdownCutsConnectionsWhenItsContextEnds(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		entered, release := make(chan bool, 1), make(chan struct{})
		r := serve(t, kind, live.Options{
			Timeouts:  live.Timeouts{Close: patience},
			OnMessage: func(context.Context, *live.Session, string, []byte) { entered <- true; <-release },
		})
		defer close(release)
		busy, _ := r.pair(t)
		busy.send(t, "x", "1")
		within(t, "OnMessage", entered)
		silent, _ := r.pair(t)
		silent.silent = true
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		if err := r.server.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v, want the context's error", err)
		}
		for _, c := range []*client{busy, silent} {
			c.wantClose(t, 1001)
		}
	})
}

func TestShutdownCutsStalledReadersToo(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serveTight(t, kind, live.Options{QueueSize: 1 << 20, Limits: live.Limits{QueueBytes: 1 << 30}, Timeouts: live.Timeouts{Close: patience}})
		_, s := r.pair(t)
		for range 100 {
			s.Send(live.Message{Topic: "n", Data: []byte(`"` + strings.Repeat("x", 64<<10) + `"`)})
		}
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		if err := r.server.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v, want the context's error", err)
		}
		within(t, "OnClose", r.left)
	})
}

func TestAServerThatIsShutDownRefusesEverything(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnAuth: func(_ context.Context, r *http.Request) (any, error) {
			return nil, nil
		}})
		c, s := r.pair(t)
		done := shutdown(r)
		c.wantClose(t, 1001)
		if err := within(t, "Shutdown", done); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := r.server.Publish("n", []byte("1")); !errors.Is(err, live.ErrServerClosed) {
			t.Errorf("Publish: %v, want ErrServerClosed", err)
		}
		if err := r.server.Subscribe(s, "n"); !errors.Is(err, live.ErrSessionClosed) {
			t.Errorf("Subscribe: %v, want ErrSessionClosed", err)
		}
		answer, _ := r.refused(t, http.StatusServiceUnavailable)
		if answer.Header.Get("Retry-After") == "" {
			t.Error("the 503 has no Retry-After")
		}
		if err := r.server.Shutdown(t.Context()); err != nil {
			t.Errorf("a second Shutdown: %v", err)
		}
	})
}

func TestAnUpgradeDuringShutdownIsRefusedOrClosed(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		entered, release := make(chan bool, 1), make(chan struct{})
		r := serve(t, kind, live.Options{OnAuth: func(context.Context, *http.Request) (any, error) {
			entered <- true
			<-release
			return nil, nil
		}})
		type outcome struct {
			c      *client
			answer *http.Response
			err    error
		}
		asked := make(chan outcome, 1)
		go func() { // ends with the answer
			c, answer, err := r.ask()
			asked <- outcome{c, answer, err}
		}()
		within(t, "OnAuth", entered)
		done := shutdown(r)
		if err := within(t, "Shutdown", done); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		close(release)
		got := within(t, "the answer", asked)
		if got.err != nil || got.answer.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("the request that OnAuth let in too late had %+v, want 503", got)
		}
		if len(r.joined) != 0 || len(r.left) != 0 {
			t.Error("a hook was called for it")
		}
	})
}

func TestClientsThatConnectDuringShutdownHaveAnEnd(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		for range 20 {
			r := serve(t, kind, live.Options{})
			var done <-chan error
			var begin sync.Once
			within64(t, 200, func(i int) error {
				if i == 50 { // fewer are waiting by then than there are goroutines
					begin.Do(func() { done = shutdown(r) })
				}
				c, answer, err := r.ask()
				if err != nil {
					return err
				}
				if c == nil {
					if answer.StatusCode != http.StatusServiceUnavailable {
						return errors.New(answer.Status)
					}
					return nil
				}
				defer c.nc.Close()
				if i > 20 { // the others leave by themselves
					var frame *closed
					if s, err := c.receive(); !errors.As(err, &frame) || frame.code != 1001 {
						return fmt.Errorf("received %q, %w, want 1001", s, err)
					}
				}
				return nil
			})
			if err := within(t, "Shutdown", done); err != nil {
				t.Errorf("Shutdown: %v", err)
			}
			if len(r.joined) != len(r.left) {
				t.Errorf("OnConnect was called for %d sessions, OnClose for %d", len(r.joined), len(r.left))
			}
		}
	})
}

func TestShutdownOfTheHTTPServerCanBeginIt(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		done := make(chan error, 1)
		r.http.Config.RegisterOnShutdown(func() { done <- r.server.Shutdown(context.Background()) })
		c, _ := r.pair(t)
		if err := r.http.Config.Shutdown(t.Context()); err != nil {
			t.Errorf("http.Server.Shutdown: %v", err)
		}
		c.wantClose(t, 1001)
		if err := within(t, "Shutdown", done); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

func TestAnUnusedServerShutsDown(t *testing.T) {
	server := live.New(live.Options{})
	if err := server.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}
