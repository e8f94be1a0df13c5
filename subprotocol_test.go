package live_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live"
)

func TestWelcomeComesFirstForLiveV1(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		var server *live.Server
		r := serve(t, kind, live.Options{OnConnect: func(_ context.Context, s *live.Session) error {
			return errors.Join(server.Subscribe(s, "a"), s.Send(live.Message{Topic: "hello"}), server.Publish("a", []byte("1")))
		}})
		server = r.server
		c, answer, err := r.ask(func(q *request) {
			q.header.Set("Sec-WebSocket-Protocol", "live.token.abc, other, live.v1")
			q.early = frame(true, opText, `{"op":"ping","id":1}`)
		})
		if err != nil || c == nil {
			t.Fatalf("refused: %v %v", answer, err)
		}
		defer c.nc.Close()
		if got := answer.Header.Values("Sec-WebSocket-Protocol"); len(got) != 1 || got[0] != "live.v1" {
			t.Errorf("the subprotocol is %q, want live.v1", got)
		}
		s := within(t, "the session", r.joined)
		for _, want := range []string{
			`{"event":"welcome","data":{"session":"` + s.ID() + `"}}`, envelope("hello", "null"), envelope("a", "1"), `{"id":1,"result":{}}`,
		} {
			if got := c.next(t); got != want {
				t.Fatalf("received %s, want %s", got, want)
			}
		}
	})
}

func TestOtherSubprotocolsAreNotSpoken(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnMessage: echo})
		for _, offer := range []string{"live.v2", "live.token.abc", "LIVE.V1"} {
			c, answer, err := r.ask(header("Sec-WebSocket-Protocol", offer))
			if err != nil || c == nil {
				t.Fatalf("refused: %v %v", answer, err)
			}
			if got := answer.Header.Get("Sec-WebSocket-Protocol"); got != "" {
				t.Errorf("the offer of %s was answered with %q", offer, got)
			}
			c.send(t, "a", "1")
			c.want(t, "a", "1") // and no welcome
			c.nc.Close()
		}
	})
}

func TestRefusalsOfOnAuth(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
		code   int    // of the close frame for live.v1
		say    string // what the client is told
	}{
		"unauthorized":  {live.Errorf(live.CodeUnauthorized, "log in again"), 401, 4001, "log in again"},
		"forbidden":     {live.Errorf(live.CodeForbidden, "not you"), 403, 4503, "not you"},
		"rate_limited":  {live.Errorf(live.CodeRateLimited, "slowly"), 429, 1013, "slowly"},
		"unavailable":   {live.Errorf(live.CodeUnavailable, "later"), 503, 1013, "later"},
		"internal":      {live.Errorf(live.CodeInternal, "broken"), 500, 1013, "broken"},
		"another code":  {live.Errorf(live.CodeNotFound, "who?"), 401, 4001, "who?"},
		"another error": {errors.New("secret"), 401, 4001, ""},
	} {
		t.Run(name, func(t *testing.T) {
			onTLSToo(t, func(t *testing.T, kind socketKind) {
				r := serve(t, kind, live.Options{
					OnAuth:   func(context.Context, *http.Request) (any, error) { return nil, c.err },
					Timeouts: live.Timeouts{Close: 100 * time.Millisecond},
				})
				_, body := r.refused(t, c.status)
				v1, answer, err := r.ask(versioned)
				if err != nil || v1 == nil {
					t.Fatalf("live.v1: refused: %v %v", answer, err)
				}
				reason := v1.wantClose(t, c.code)
				for _, text := range []string{body, reason} {
					if !strings.Contains(text, c.say) || strings.Contains(text, "secret") || text == "" {
						t.Errorf("the client was told %q", text)
					}
				}
				if !r.log.has("OnAuth refused") {
					t.Error("the refusal was not logged")
				}
				select {
				case <-r.joined:
					t.Error("there was a session")
				case <-r.left:
					t.Error("OnClose was called")
				default:
				}
			})
		})
	}
}

func TestAFailingOnConnectClosesLiveV1With4503(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnConnect: func(context.Context, *live.Session) error { return errors.New("secret") }})
		c := r.speaker(t, versioned)
		if got := c.next(t); !strings.HasPrefix(got, `{"event":"welcome",`) {
			t.Errorf("received %s", got)
		}
		if reason := c.wantCloseFrame(t, live.CloseNotAllowed); strings.Contains(reason, "secret") {
			t.Errorf("the client was told %q", reason)
		}
		wantCode(t, within(t, "OnClose", r.left).err, 4503)
	})
}

func TestARefusedConnectionLeavesWhenTheServerDoes(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{
			OnAuth:   func(context.Context, *http.Request) (any, error) { return nil, errors.New("no") },
			Timeouts: live.Timeouts{Close: 100 * time.Millisecond},
		})
		for range 5 {
			r.speaker(t, versioned).silent = true
		}
		done := shutdown(r)
		if err := within(t, "Shutdown", done); err != nil {
			t.Error(err)
		}
	})
}
