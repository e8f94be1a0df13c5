package client_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/livetopics/live"
	"github.com/livetopics/live/client"
)

func TestAfterTheseCodesAClientComesBack(t *testing.T) {
	for code, comes := range map[int]bool{
		1000: false, 1001: true, 1002: false, 1003: false, 1007: false, 1008: false, 1009: false,
		1011: true, 1012: true, 1013: true, 3000: false, 4000: true, 4001: true, 4008: true, 4499: true,
		4500: false, 4501: false, 4503: false, 4999: false,
	} {
		f := newFake(t)
		c := f.dial(t, client.Options{})
		within(t, "the connection", f.visits).close(code, "because")
		if comes {
			within(t, "another connection", f.visits)
			continue
		}
		within(t, "the client's end", c.Done())
		var closed *client.CloseError
		if !errors.As(c.Err(), &closed) || closed.Code != code || closed.Reason != "because" {
			t.Errorf("after %d: %v", code, c.Err())
		}
	}
}

func TestAfterTheseAnswersAClientStaysAway(t *testing.T) {
	for _, status := range []int{400, 403, 405, 426} {
		f := newFake(t)
		f.refuse.Store(int32(status))
		c := f.dial(t, client.Options{})
		var refused *client.HandshakeError
		if err := c.Ready(soon(t)); !errors.As(err, &refused) || refused.Status != status || refused.Message != "not now" {
			t.Errorf("Ready after %d: %v", status, err)
		}
	}
}

func TestAfterOtherAnswersAClientTriesAgain(t *testing.T) {
	for _, status := range []int{401, 404, 429, 500, 502, 503} {
		f := newFake(t)
		f.refuse.Store(int32(status))
		c := f.dial(t, client.Options{})
		eventually(t, "it has tried again", func() bool { return f.tries.Load() >= 2 })
		f.refuse.Store(0)
		if err := c.Ready(soon(t)); err != nil {
			t.Errorf("Ready after %d: %v", status, err)
		}
	}
}

func TestATokenIsMadeForEachAttempt(t *testing.T) {
	f := newFake(t)
	offers := make(chan string, 10)
	see := func(r *http.Request) {
		offers <- r.Header.Get("Sec-WebSocket-Protocol") + " " + r.Header.Get("Authorization") + r.URL.Query().Get("client")
	}
	f.inspect.Store(&see)
	var n atomic.Int32
	tokens := []string{"a.b-c_1", "with space", ""}
	f.dial(t, client.Options{ID: "me", Token: func(context.Context) (string, error) {
		return tokens[min(n.Add(1)-1, 2)], nil
	}})
	for _, want := range []string{"live.v1,live.token.a.b-c_1 me", "live.v1 Bearer with spaceme", "live.v1 me"} {
		if got := within(t, "a handshake", offers); got != want {
			t.Errorf("offered %q, want %q", got, want)
		}
		within(t, "the connection", f.visits).close(4001, "the credentials have run out")
	}
}

func TestATokenThatIsNotMadeIsAskedForAgain(t *testing.T) {
	f := newFake(t)
	var n atomic.Int32
	c := f.dial(t, client.Options{Token: func(context.Context) (string, error) {
		if n.Add(1) < 3 {
			return "", errors.New("no token yet")
		}
		return "token", nil
	}})
	if err := c.Ready(soon(t)); err != nil {
		t.Error(err)
	}
}

func TestAClientThatIsNotLetInIsTold(t *testing.T) {
	var code atomic.Value
	code.Store(live.CodeForbidden)
	r := serve(t, live.Options{OnAuth: func(context.Context, *http.Request) (any, error) {
		return nil, live.Errorf(code.Load().(string), "You are banned.")
	}})
	var closed *client.CloseError
	if err := r.dial(t, client.Options{}).Ready(soon(t)); !errors.As(err, &closed) || closed.Code != 4503 {
		t.Errorf("Ready: %v", err)
	}
	code.Store(live.CodeUnauthorized)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c := r.dial(t, client.Options{OnState: func(s client.State) {
		if s.Phase == client.Waiting {
			cancel()
		}
	}})
	err := c.Ready(ctx)
	if !errors.As(err, &closed) || closed.Code != 4001 || !errors.Is(err, context.Canceled) {
		t.Errorf("Ready: %v", err)
	}
}

func TestCloseEndsAllThatWaits(t *testing.T) {
	f := newFake(t)
	f.refuse.Store(503)
	c := f.dial(t, client.Options{})
	ctx := context.Background()
	calls := map[string]func() error{
		"Ready":     func() error { return c.Ready(ctx) },
		"Publish":   func() error { _, err := c.Publish(ctx, "a", 1, client.PublishOptions{}); return err },
		"Subscribe": func() error { _, err := c.Subscribe(ctx, "a", client.SubscribeOptions{}); return err },
		"Call":      func() error { _, err := c.Call(ctx, "a", 1); return err },
		"Send":      func() error { return c.Send(ctx, "a", 1) },
		"History":   func() error { _, err := c.History(ctx, "a", client.HistoryOptions{}); return err },
		"Messages": func() error {
			for range c.Messages(ctx) {
			}
			return c.Err()
		},
	}
	ends := make(chan error, len(calls))
	for _, call := range calls {
		go func() { ends <- call() }()
	}
	eventually(t, "it has tried", func() bool { return f.tries.Load() > 1 })
	c.Close()
	c.Close()
	for range calls {
		if err := within(t, "the end of a call", ends); !errors.Is(err, client.ErrClosed) {
			t.Errorf("a call ended with %v", err)
		}
	}
	if err := c.Ready(ctx); !errors.Is(err, client.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestCloseSaysGoodbye(t *testing.T) {
	ends := make(chan error, 1)
	r := serve(t, live.Options{OnClose: func(_ *live.Session, err error) { ends <- err }})
	c := r.dial(t, client.Options{})
	s := subscribe(t, c, "chat:a", client.SubscribeOptions{})
	c.Close()
	if err := within(t, "the end of the session", ends); err != nil {
		t.Errorf("the session ended with %v", err)
	}
	if _, err := s.Next(context.Background()); !errors.Is(err, client.ErrClosed) {
		t.Errorf("Next after Close: %v", err)
	}
}

func TestOptionsThatCannotWorkEndTheClient(t *testing.T) {
	for _, o := range []client.Options{{}, {URL: "example.com/ws"}, {URL: "ftp://example.com"}, {URL: "ws://a b"}, {URL: "ws://"}} {
		c := client.New(o)
		if c.Err() == nil {
			t.Errorf("%+v works", o)
		}
		c.Close()
	}
}
