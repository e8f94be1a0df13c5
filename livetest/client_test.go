package livetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/livetest"
)

func TestRefusalsAreReturnedByTry(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		srv := livetest.NewServer(t, live.Options{})
		srv.Topic("closed", live.Rule{})
		srv.Topic("even", open(func(r *live.Rule) {
			r.Accept = func(_ context.Context, _ *live.Session, _ live.Match, data []byte) ([]byte, error) {
				if data[0]%2 == 1 {
					return nil, live.Errorf(live.CodeBadRequest, "%s is odd", data)
				}
				return nil, nil
			}
		}))
		c := srv.Dial(t)
		_, subscribe := c.TrySubscribe("closed")
		_, publish := c.TryPublish("closed", 1)
		_, accept := c.TryPublish("even", 1)
		_, history := c.TryHistory("even")
		_, presence := c.TryPresence("even")
		_, call := c.TryCall("anything", nil)
		_, auth := c.TryAuth("token")
		for what, got := range map[string]struct {
			refusal *live.Error
			code    string
		}{
			"subscribe": {subscribe, live.CodeForbidden}, "publish": {publish, live.CodeForbidden},
			"accept": {accept, live.CodeBadRequest}, "history": {history, live.CodeNotFound},
			"presence": {presence, live.CodeNotFound}, "call": {call, live.CodeNotFound}, "auth": {auth, live.CodeNotFound},
		} {
			if got.refusal == nil || got.refusal.Code != got.code {
				t.Errorf("%s: %v, want %s", what, got.refusal, got.code)
			}
		}
		if _, refusal := c.TryPublish("even", 2); refusal != nil {
			t.Errorf("2: %v", refusal)
		}
	})
}

func TestConnectionsAreRefused(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		srv := livetest.NewServer(t, live.Options{
			Origins: []string{"https://good.example"},
			Limits:  live.Limits{SessionsPerAddress: 1},
			OnAuth: func(_ context.Context, r *http.Request) (any, error) {
				if r.URL.Query().Get("token") != "right" {
					return nil, errors.New("wrong token")
				}
				return r.Header.Get("Live-Test-User"), nil
			},
		})
		srv.Dial(t).ExpectClosed(live.CloseExpired)
		token := livetest.Query("token", "right")
		for _, c := range []struct {
			name   string
			opts   []livetest.DialOption
			status int
		}{
			{"a plain client without token", []livetest.DialOption{livetest.Plain()}, 401},
			{"a foreign origin", []livetest.DialOption{token, livetest.Origin("https://bad.example")}, 403},
			{"a client's name that is too long", []livetest.DialOption{token, livetest.ClientID(string(make([]byte, 65)))}, 400},
		} {
			if client, refused := srv.TryDial(t, c.opts...); client != nil || refused == nil || refused.Status != c.status {
				t.Errorf("%s: %v, want %d", c.name, refused, c.status)
			}
		}
		first := srv.Dial(t, token, livetest.Origin("https://good.example"), livetest.User("alice"))
		if v := first.Session().Value(); v != "alice" {
			t.Errorf("the value is %v", v)
		}
		srv.Dial(t, token).ExpectClosed(1013)
		srv.Dial(t, token, livetest.RemoteAddr("198.51.100.1:5")).Ping()
		id := first.Session().ID()
		first.Cut()
		_ = first.ExpectEnded()
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for srv.Session(id) != nil { // it counts until it is forgotten, after OnClose
			<-tick.C
		}
		srv.Dial(t, token).Ping()
	})
}

func TestTheFoundingEnvelopeAndAPlainClient(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		var srv *livetest.Server
		srv = livetest.NewServer(t, live.Options{OnMessage: func(_ context.Context, s *live.Session, topic string, data []byte) {
			_ = srv.Subscribe(s, topic)
			_ = srv.Publish(topic, data)
		}})
		c := srv.Dial(t, livetest.Plain())
		c.ExpectNothing()
		c.Send("x", []int{1, 2})
		c.Expect("x", []int{1, 2})
		publish(t, srv, "x", "three")
		publish(t, srv, "y", "four")
		c.Expect("x", "three")
		c.ExpectNothing()
		c.SendRaw(`{"op":"ping","id":"mine"}`)
		if f := c.Next(); string(f.ID) != `"mine"` || string(f.Result) != "{}" {
			t.Errorf("the reply is %s", f.Raw)
		}
		c.SendRaw(`nonsense`)
		if f := c.Next(); f.Topic != "error" {
			t.Errorf("the answer to nonsense is %s", f.Raw)
		}
	})
}

func TestEveryOperation(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		expires := time.Now().Add(time.Hour).Truncate(time.Millisecond)
		srv := livetest.NewServer(t, live.Options{
			OnCall: func(_ context.Context, _ *live.Session, name string, data []byte) (any, error) {
				return map[string]any{"name": name, "data": json.RawMessage(data)}, nil
			},
			OnRefresh: func(_ context.Context, s *live.Session, token string) error {
				s.SetExpiry(expires)
				return nil
			},
		})
		srv.Topic("log", open(remembers(10), func(r *live.Rule) {
			r.Snapshot = func(context.Context, *live.Session, live.Match) (any, error) { return "state", nil }
		}))
		srv.Topic("log:*", live.Rule{CanSubscribe: live.Anyone})
		srv.Topic("log:{x}", open())
		c := srv.Dial(t)
		if f := c.Welcome(); f.Event != "welcome" || len(f.Data) == 0 {
			t.Errorf("the welcome is %s", f.Raw)
		}
		one := c.Publish("log", "one", livetest.Key("k"), livetest.Dedup("d"))
		if again := c.Publish("log", "one", livetest.Key("k"), livetest.Dedup("d")); again != one {
			t.Errorf("the repeat is %v, the first %v", again, one)
		}
		c.Publish("log", "two")
		if s := c.Subscribe("log"); string(s.Snapshot) != `"state"` || s.Position() != (live.Position{Epoch: one.Epoch, Seq: 2}) {
			t.Errorf("subscribed with %+v", s)
		}
		c.Unsubscribe("log")
		c.Subscribe("log:*")
		c.Publish("log:7", 7)
		c.Expect("log:7", 7)
		h := c.History("log", livetest.HistoryQuery{Before: 2, Limit: 5})
		if len(h.Publications) != 1 || h.Publications[0].Key != "k" || h.Publications[0].Time().After(time.Now()) || h.Seq != 2 {
			t.Errorf("the history is %+v", h)
		}
		if h := c.History("log", livetest.HistoryQuery{Since: one}); len(h.Publications) != 1 || h.Publications[0].Seq != 2 {
			t.Errorf("the history is %+v", h)
		}
		if got := c.Call("sum", []int{1, 2}); string(got) != `{"data":[1,2],"name":"sum"}` {
			t.Errorf("the call is answered with %s", got)
		}
		if at := c.Auth("token"); !at.Equal(expires) {
			t.Errorf("it expires at %v, want %v", at, expires)
		}
		c.ExpectNothing()
	})
}

func TestExpectKeepsWhatIsForOthers(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		srv := livetest.NewServer(t, live.Options{})
		srv.Topic("{x}", open(remembers(9), func(r *live.Rule) { r.Presence = true }))
		c := srv.Dial(t, livetest.User("alice"))
		c.Subscribe("a", livetest.WithPresence())
		c.Subscribe("b")
		publish(t, srv, "a", 1, 2)
		publish(t, srv, "b", 3)
		srv.Dial(t, livetest.User("bob")).Subscribe("a")
		c.ExpectEvent("a", "join")
		c.Expect("b", 3)
		c.Expect("a", 1)
		if f := c.Next(); string(f.Data) != "2" {
			t.Errorf("next is %s", f.Raw)
		}
		c.ExpectNothing()
	})
}

func TestLimitsCloseAndRefuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := livetest.NewServer(t, live.Options{Limits: live.Limits{Subscriptions: 1, MessagesPerSecond: 2}})
		srv.Topic("{x}", open())
		c := srv.Dial(t)
		c.Subscribe("a")
		if _, refusal := c.TrySubscribe("b"); refusal == nil || refusal.Code != live.CodeTooLarge {
			t.Errorf("the second subscription: %v", refusal)
		}
		c.Ping()
		c.Ping()
		if _, refusal := c.TryPublish("a", 1); refusal == nil || refusal.Code != live.CodeRateLimited {
			t.Errorf("the fifth message: %v", refusal)
		}
		<-time.After(time.Second)
		c.Ping()
	})
}

func TestASilentClientIsGoneAfterTheIdleTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := livetest.NewServer(t, live.Options{})
		quiet, dead := srv.Dial(t), srv.Dial(t)
		dead.Stall() // it does not see the pings
		<-time.After(2 * time.Minute)
		quiet.Ping()
		if err := dead.ExpectEnded(); !errors.Is(err, live.ErrIdle) {
			t.Errorf("OnClose was told %v", err)
		}
		if n := srv.Stats().ClosedSilent; n != 1 {
			t.Errorf("%d silent sessions", n)
		}
	})
}

func TestAnOnConnectThatBlocksRefusesTheDial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := livetest.NewServer(t, live.Options{OnConnect: func(ctx context.Context, _ *live.Session) error {
			<-ctx.Done()
			return nil
		}})
		if c, refused := srv.TryDial(t); c != nil || refused == nil || refused.Status != 0 {
			t.Errorf("TryDial returned %v", refused)
		}
	})
}

func TestTheProtocolIsTheClientsChoice(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		asked := make(chan string, 1)
		srv := livetest.NewServer(t, live.Options{OnAuth: func(_ context.Context, r *http.Request) (any, error) {
			asked <- r.Header.Get("Sec-WebSocket-Protocol") + " " + r.Header.Get("X-Mine")
			return nil, nil
		}})
		srv.Topic("log", open(remembers(9)))
		for _, c := range []struct {
			opt     livetest.DialOption
			want    string
			welcome bool
		}{
			{livetest.Header("X-Mine", "yes"), "live.v1 yes", true},
			{livetest.Protocol("live.token.x, live.v1"), "live.token.x, live.v1 ", true},
			{livetest.Protocol("other"), "other ", false},
			{livetest.Plain(), " ", false},
		} {
			client := srv.Dial(t, c.opt)
			if got := <-asked; got != c.want {
				t.Errorf("the request has %q, want %q", got, c.want)
			}
			if c.welcome {
				client.Welcome()
			}
			client.Publish("log", 1)
			client.Publish("log", 2)
			if s := client.Subscribe("log", livetest.Last(1)); s.Head != s.Seq+1 {
				t.Errorf("subscribed with %+v", s)
			}
			client.Expect("log", 2)
			client.ExpectNothing()
		}
	})
}
