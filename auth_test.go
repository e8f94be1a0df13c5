package live_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/livetopics/live"
)

func TestValueIsWhatOnAuthReturned(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		type user struct{ name string }
		r := serve(t, kind, live.Options{
			OnAuth: func(ctx context.Context, r *http.Request) (any, error) {
				if ctx != r.Context() {
					t.Error("the context is not the request's")
				}
				return &user{r.Header.Get("Authorization")}, nil
			},
			OnConnect: func(_ context.Context, s *live.Session) error {
				if s.Value() == nil {
					t.Error("Value is nil in OnConnect")
				}
				return nil
			},
		})
		_, a := r.pair(t, header("Authorization", "ann"))
		_, b := r.pair(t, header("Authorization", "bob"))
		if a.Value().(*user).name != "ann" || b.Value().(*user).name != "bob" {
			t.Errorf("Values are %v and %v", a.Value(), b.Value())
		}
		a.SetValue("other")
		if a.Value() != "other" || b.Value().(*user).name != "bob" {
			t.Errorf("after SetValue they are %v and %v", a.Value(), b.Value())
		}
	})
}

func TestAFailingOnAuthAnswers401AndMakesNoSession(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnAuth: func(context.Context, *http.Request) (any, error) {
			return nil, errors.New("the token is of yesterday")
		}})
		_, body := r.refused(t, http.StatusUnauthorized)
		if strings.Contains(body, "yesterday") {
			t.Errorf("the error was shown to the client: %s", body)
		}
		if !r.log.has("OnAuth", "yesterday") {
			t.Error("the error was not logged")
		}
		r.stop(t)
		if len(r.joined) != 0 || len(r.left) != 0 || r.server.Stats().Opened != 0 {
			t.Error("there was a session")
		}
	})
}

func TestAPanicInOnAuthAnswers500AndTheServerLives(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnAuth: func(_ context.Context, r *http.Request) (any, error) {
			if r.Header.Get("X-Panic") != "" {
				panic("out of luck")
			}
			return nil, nil
		}})
		_, body := r.refused(t, http.StatusInternalServerError, header("X-Panic", "on"))
		if strings.Contains(body, "luck") {
			t.Errorf("the panic was shown to the client: %s", body)
		}
		if !r.log.has("panic in OnAuth", "out of luck", "auth_test.go") {
			t.Error("the panic was not logged with its stack")
		}
		r.pair(t)
	})
}

func TestOnAuthIsAskedOnlyForGoodRequests(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnAuth: func(context.Context, *http.Request) (any, error) {
			t.Error("OnAuth was called")
			return nil, nil
		}})
		r.refused(t, http.StatusForbidden, header("Origin", "https://evil.example"))
		r.refused(t, http.StatusUpgradeRequired, header("Upgrade", "other"))
	})
}

func TestIDsAreUniqueAndURLSafe(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		seen := map[string]bool{}
		for range 100 {
			_, s := r.pair(t)
			id := s.ID()
			if seen[id] || id != s.ID() || !regexp.MustCompile(`^[A-Za-z0-9_-]{22}$`).MatchString(id) {
				t.Errorf("ID %q", id)
			}
			seen[id] = true
		}
	})
}

func TestIDGeneratorMakesTheIDs(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		var n atomic.Int32
		r := serve(t, kind, live.Options{IDGenerator: func() string {
			return "session-" + string(rune('a'+n.Add(1)-1))
		}})
		_, a := r.pair(t)
		_, b := r.pair(t)
		if a.ID() != "session-a" || b.ID() != "session-b" || a.ID() != "session-a" {
			t.Errorf("IDs are %q and %q", a.ID(), b.ID())
		}
		if a.Server() != r.server {
			t.Error("Server() is another")
		}
	})
}

func TestAPanicInIDGeneratorEndsTheConnectionAndTheServerLives(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		var n atomic.Int32
		r := serve(t, kind, live.Options{IDGenerator: func() string {
			if n.Add(1) == 1 {
				panic("out of luck")
			}
			return "good"
		}})
		before := descriptors()
		if c, _, _ := r.ask(); c != nil {
			_, err := c.receive()
			c.nc.Close()
			t.Errorf("the request was answered with 101, and then: %v", err)
		}
		eventually(t, "the connection's descriptors are free", func() bool { return descriptors() <= before })
		if !r.log.has("out of luck") {
			t.Error("the panic was not logged")
		}
		r.pair(t)
	})
}
