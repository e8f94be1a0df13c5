package live_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"strconv"
	"testing"

	"github.com/livetopics/live"
)

// callEverything calls every method that a hook may call.
func callEverything(s *live.Session) {
	server := s.Server()
	server.Subscribe(s, "room")
	server.Publish("room", []byte(`"hello"`))
	s.Send(live.Message{Topic: "direct", Data: []byte(`"hello"`)})
	server.Unsubscribe(s, "room")
	server.Subscribe(s, "other")
	server.Subscribers("other")
	server.Stats()
	s.Topics()
	s.SetValue(s.ID())
	s.Value()
	s.IsClosed()
	s.CloseError()
	s.Context().Err()
}

func TestEveryMethodCanBeCalledInEveryHook(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{
			OnConnect: func(_ context.Context, s *live.Session) error { callEverything(s); return nil },
			OnMessage: func(_ context.Context, s *live.Session, _ string, _ []byte) {
				callEverything(s)
				s.Close()
				callEverything(s)
				s.CloseWith(4000, "again")
			},
			OnClose: func(s *live.Session, _ error) { callEverything(s); s.Close() },
		})
		c := r.dial(t)
		c.want(t, "room", `"hello"`)
		c.want(t, "direct", `"hello"`)
		c.send(t, "x", "1")
		c.want(t, "room", `"hello"`)
		c.want(t, "direct", `"hello"`)
		c.wantClose(t, 1000)
		if end := within(t, "OnClose", r.left); end.err != nil {
			t.Errorf("OnClose had %v after Close", end.err)
		}
	})
}

func TestTheServerCanBeCalledBeforeThereIsASession(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		var r *rig
		call := func() {
			r.server.Publish("door", []byte(`"somebody knocks"`))
			r.server.Subscribers("door")
			r.server.Stats()
		}
		r = serve(t, kind, live.Options{
			OnAuth:      func(context.Context, *http.Request) (any, error) { call(); return nil, nil },
			CheckOrigin: func(*http.Request) bool { call(); return true },
			IDGenerator: func() string { call(); return rand.Text() },
		})
		c, s := r.pair(t)
		r.subscribe(t, s, "door")
		r.pair(t)
		c.want(t, "door", `"somebody knocks"`, `"somebody knocks"`, `"somebody knocks"`)
	})
}

func TestAHookCanPublishToItsOwnSessionTenThousandTimes(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const n = 10_000
		r := serve(t, kind, live.Options{
			QueueSize: n,
			OnMessage: func(_ context.Context, s *live.Session, _ string, _ []byte) {
				for i := range n {
					s.Server().Publish("self", strconv.AppendInt(nil, int64(i), 10))
				}
			},
		})
		c, s := r.pair(t)
		r.subscribe(t, s, "self")
		c.send(t, "go", "1")
		c.want(t, "self", numbers(n)...)
	})
}

func TestHooksThatWaitForTheServerDoNotStopIt(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const sessions, n = 8, 20_000 // more than an inbox holds: Publish waits in all hooks at once
		finished := make(chan bool, sessions)
		r := serve(t, kind, live.Options{
			QueueSize: 1 << 20, Limits: live.Limits{QueueBytes: 1 << 30},
			OnMessage: func(_ context.Context, s *live.Session, _ string, _ []byte) {
				for range n {
					s.Server().Publish("all", []byte("0"))
				}
				finished <- true
			},
		})
		var clients []*client
		for range sessions {
			c, s := r.pair(t)
			r.subscribe(t, s, "all")
			clients = append(clients, c)
		}
		for _, c := range clients {
			c.send(t, "go", "1")
		}
		for range sessions {
			within(t, "a hook", finished)
		}
	})
}

func TestShutdownCanBeStartedInAHook(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		done := make(chan error, 1)
		r := serve(t, kind, live.Options{OnMessage: func(_ context.Context, s *live.Session, _ string, _ []byte) {
			go func() { done <- s.Server().Shutdown(context.Background()) }()
			<-s.Context().Done()
		}})
		c := r.dial(t)
		c.send(t, "x", "1")
		c.wantClose(t, 1001)
		if err := within(t, "Shutdown", done); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}
