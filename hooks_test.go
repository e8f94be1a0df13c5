package live_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/livetopics/live"
)

func TestOnConnectIsCalledBeforeTheFirstMessage(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		var connected atomic.Bool
		r := serve(t, kind, live.Options{
			OnConnect: func(_ context.Context, s *live.Session) error {
				runtime.Gosched()
				connected.Store(true)
				return s.Server().Subscribe(s, "lobby")
			},
			OnMessage: func(_ context.Context, s *live.Session, topic string, data []byte) {
				if !connected.Load() {
					t.Error("OnMessage was called before OnConnect had returned")
				}
				s.Server().Publish("lobby", data)
			},
		})
		c := r.dial(t, func(q *request) { q.early = frame(true, opText, envelope("x", "1")) })
		c.want(t, "lobby", "1")
	})
}

func TestAFailingOnConnectClosesWith4503(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		full := errors.New("the house is full")
		r := serve(t, kind, live.Options{
			OnConnect: func(context.Context, *live.Session) error { return full },
			OnMessage: func(context.Context, *live.Session, string, []byte) { t.Error("OnMessage was called") },
		})
		c := r.dial(t, func(q *request) { q.early = frame(true, opText, envelope("x", "1")) })
		if reason := c.wantClose(t, live.CloseNotAllowed); reason == full.Error() {
			t.Error("the error's text was shown to the client")
		}
		end := within(t, "OnClose", r.left)
		wantCode(t, end.err, 4503)
		if !errors.Is(end.err, full) {
			t.Errorf("OnClose had %v, which does not wrap what OnConnect returned", end.err)
		}
		if !r.log.has(full.Error()) {
			t.Error("the error was not logged")
		}
	})
}

// wantCode checks that a session ended with a code.
func wantCode(t *testing.T, err error, code int) {
	t.Helper()
	var ce *live.CloseError
	if !errors.As(err, &ce) || ce.Code != code {
		t.Errorf("the session ended with %v, want a *CloseError with code %d", err, code)
	}
}

func TestOnCloseComesOnceAfterTheLastOnMessageWithTheTopics(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		entered, release := make(chan bool, 1), make(chan struct{})
		var returned atomic.Bool
		topics := make(chan []string, 2)
		r := serve(t, kind, live.Options{
			OnMessage: func(_ context.Context, s *live.Session, _ string, _ []byte) {
				entered <- true
				<-release
				returned.Store(true)
			},
			OnClose: func(s *live.Session, err error) {
				if !returned.Load() {
					t.Error("OnClose was called before OnMessage had returned")
				}
				topics <- s.Topics()
			},
		})
		c, s := r.pair(t)
		r.subscribe(t, s, "a", "b:1", "c", "gone")
		r.server.Unsubscribe(s, "gone")
		c.send(t, "x", "1")
		within(t, "OnMessage", entered)
		c.nc.Close()
		within(t, "the end", s.Context().Done())
		close(release)
		if got := within(t, "OnClose", topics); !slices.Equal(got, []string{"a", "b:1", "c"}) {
			t.Errorf("Topics() in OnClose is %v", got)
		}
		within(t, "the end of OnClose", r.left)
		s.Close()
		r.stop(t)
		if len(topics) != 0 || len(r.left) != 0 {
			t.Error("OnClose was called twice")
		}
		if got := s.Topics(); len(got) != 0 {
			t.Errorf("Topics() after OnClose is %v", got)
		}
	})
}

func TestAnOnCloseCanAnnounceTheDeparture(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{
			OnConnect: func(_ context.Context, s *live.Session) error { return s.Server().Subscribe(s, "room") },
			OnClose: func(s *live.Session, _ error) {
				for _, topic := range s.Topics() {
					s.Server().Publish(topic, fmt.Appendf(nil, "%q", s.ID()+" left"))
				}
			},
		})
		stays, _ := r.pair(t)
		leaves, s := r.pair(t)
		eventually(t, "both are in the room", func() bool { return r.server.Subscribers("room") == 2 })
		leaves.raw(t, closeFrame(1000, ""))
		stays.want(t, "room", strconv.Quote(s.ID()+" left"))
	})
}

func TestAPanicInAHookClosesWith1011AndTheServerLives(t *testing.T) {
	hooks := map[string]live.Options{
		"OnConnect": {OnConnect: func(_ context.Context, s *live.Session) error { panicOnce(s); return nil }},
		"OnMessage": {OnMessage: func(_ context.Context, s *live.Session, _ string, _ []byte) { panicOnce(s) }},
	}
	for name, o := range hooks {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				o.OnAuth = func(_ context.Context, r *http.Request) (any, error) { return r.Header.Get("X-Panic"), nil }
				r := serve(t, kind, o)
				well, s := r.pair(t)
				c := r.dial(t, header("X-Panic", "on"))
				c.send(t, "x", "1")
				c.wantClose(t, 1011)
				end := within(t, "OnClose", r.left)
				wantCode(t, end.err, 1011)
				if !errors.Is(end.err, live.ErrHookPanic) {
					t.Errorf("OnClose had %v, want ErrHookPanic in it", end.err)
				}
				if !r.log.has("panic in "+name, "out of luck", "hooks_test.go") {
					t.Error("the panic was not logged with its stack")
				}
				s.Send(live.Message{Topic: "still", Data: []byte("true")})
				well.want(t, "still", "true")
			})
		})
	}
}

func panicOnce(s *live.Session) {
	if s.Value() == "on" {
		panic("out of luck")
	}
}

func TestAPanicInOnCloseHarmsNobody(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnClose: func(*live.Session, error) { panic("out of luck") }})
		other, s := r.pair(t)
		c := r.dial(t)
		c.raw(t, closeFrame(1000, ""))
		c.wantClose(t, 1000)
		within(t, "OnClose", r.left)
		eventually(t, "the panic is logged", func() bool { return r.log.has("panic in OnClose", "out of luck") })
		s.Send(live.Message{Topic: "still", Data: []byte("true")})
		other.want(t, "still", "true")
	})
}

func TestAHookThatEndsItsGoroutineHoldsUpNothing(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{
			OnMessage: func(_ context.Context, s *live.Session, topic string, data []byte) {
				if topic == "exit" {
					runtime.Goexit()
				}
				s.Send(live.Message{Topic: topic, Data: data})
			},
			OnClose: func(*live.Session, error) { runtime.Goexit() },
		})
		c, s := r.pair(t)
		for _, d := range numbers(20) {
			c.send(t, "exit", d)
			c.send(t, "echo", d)
		}
		c.want(t, "echo", numbers(20)...)
		c.nc.Close()
		within(t, "OnClose", r.left)
		if r.stop(t); len(s.Topics()) != 0 {
			t.Errorf("Topics() after OnClose is %v", s.Topics())
		}
	})
}
