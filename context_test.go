package live_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/livetopics/live"
)

func TestTheContextEndsBeforeOnClose(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		connected := make(chan bool, 1)
		r := serve(t, kind, live.Options{
			OnConnect: func(ctx context.Context, s *live.Session) error {
				if ctx.Err() != nil || ctx != s.Context() {
					t.Errorf("in OnConnect the context is %v, its error %v", ctx, ctx.Err())
				}
				connected <- true
				return nil
			},
			OnClose: func(s *live.Session, _ error) {
				select {
				case <-s.Context().Done():
				default:
					t.Error("the context goes on in OnClose")
				}
				if s.Context().Err() != context.Canceled {
					t.Errorf("its error is %v", s.Context().Err())
				}
			},
		})
		c, s := r.pair(t)
		done := s.Context().Done()
		within(t, "OnConnect", connected)
		c.nc.Close()
		within(t, "Done", done)
		within(t, "OnClose", r.left)
		if _, limited := s.Context().Deadline(); limited || s.Context().Value("key") != nil {
			t.Error("the context has a deadline or a value")
		}
	})
}

func TestTheContextEndsWhileOnMessageBlocksAndThePeerLeaves(t *testing.T) {
	for name, leave := range map[string]func(*client){
		"cut":    func(c *client) { c.nc.Close() },
		"closed": func(c *client) { c.write(closeFrame(1000, "")) },
	} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				entered := make(chan bool, 1)
				r := serve(t, kind, live.Options{
					Timeouts: live.Timeouts{Close: 1}, // as short as it can be
					OnMessage: func(ctx context.Context, _ *live.Session, _ string, _ []byte) {
						entered <- true
						<-ctx.Done()
					},
				})
				c := r.dial(t)
				c.send(t, "x", "1")
				within(t, "OnMessage", entered)
				leave(c)
				within(t, "OnClose", r.left)
			})
		})
	}
}

func TestDerivedContextsEndWithTheSessionAndStartNoGoroutine(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c, s := r.pair(t)
		before := runtime.NumGoroutine()
		var derived []context.Context
		for range 100 {
			ctx, cancel := context.WithCancel(s.Context())
			defer cancel()
			derived = append(derived, ctx)
		}
		if now := runtime.NumGoroutine(); now > before+20 {
			t.Errorf("100 derived contexts made %d goroutines", now-before)
		}
		called := make(chan bool, 2)
		context.AfterFunc(s.Context(), func() { called <- true })
		stop := context.AfterFunc(s.Context(), func() { t.Error("a stopped function was called") })
		if !stop() || stop() {
			t.Error("stop is to report true once")
		}
		c.nc.Close()
		for _, ctx := range derived {
			within(t, "a derived context", ctx.Done())
			if ctx.Err() != context.Canceled {
				t.Errorf("its error is %v", ctx.Err())
			}
		}
		within(t, "AfterFunc", called)
		within(t, "OnClose", r.left)
		context.AfterFunc(s.Context(), func() { called <- true })
		within(t, "AfterFunc of an ended session", called)
		ctx, cancel := context.WithCancel(s.Context())
		defer cancel()
		within(t, "a context derived after the end", ctx.Done())
	})
}
