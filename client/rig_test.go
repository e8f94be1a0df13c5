package client_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/livetopics/live"
	"github.com/livetopics/live/client"
)

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// quickly is how clients come back in tests.
var quickly = client.Backoff{First: 5 * time.Millisecond, Most: 50 * time.Millisecond}

// rig is a live.Server, and a link to it that can be cut.
type rig struct {
	server *live.Server
	http   *httptest.Server
	link   *link
}

// rules are those of the tests.
var rules = map[string]live.Rule{
	"chat:{room}":  {History: live.History{Size: 500_000}, Presence: true},
	"short:{room}": {History: live.History{Size: 3}},
	"board:{id}":   {History: live.History{Size: 3}, Snapshot: board},
	"price:{name}": {},
	"orders:*":     {},
	"orders:{id}":  {History: live.History{Size: 100}},
	"secret:{x}":   {CanSubscribe: live.Nobody, CanPublish: live.Nobody},
}

func board(context.Context, *live.Session, live.Match) (any, error) { return "the state", nil }

// serve starts a server with the rules.
func serve(t testing.TB, o live.Options) *rig {
	t.Helper()
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	r := &rig{server: live.New(o)}
	for pattern, rule := range rules {
		if rule.CanSubscribe == nil {
			rule.CanSubscribe = live.Anyone
			if pattern != "orders:*" {
				rule.CanPublish = live.Anyone
			}
		}
		r.server.Topic(pattern, rule)
	}
	r.http = httptest.NewServer(r.server.Handler())
	r.link = newLink(t, r.http.Listener.Addr().String())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := r.server.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown after the test: %v", err)
		}
		r.http.Close()
	})
	return r
}

// dial makes a client, over the link, that is closed with the test.
func (r *rig) dial(t testing.TB, o client.Options) *client.Client {
	t.Helper()
	o.URLs = append(o.URLs, "ws://"+r.link.addr()+"/ws")
	return open(t, o)
}

// open makes a client that is closed with the test.
func open(t testing.TB, o client.Options) *client.Client {
	t.Helper()
	if o.Backoff == (client.Backoff{}) {
		o.Backoff = quickly
	}
	c := client.New(o)
	t.Cleanup(c.Close)
	return c
}

func (r *rig) publish(t testing.TB, topic string, data any) {
	t.Helper()
	text, err := json.Marshal(data)
	if err == nil {
		err = r.server.Publish(topic, text)
	}
	if err != nil {
		t.Fatalf("publishing to %s: %v", topic, err)
	}
}

// soon is a context for what must happen.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func subscribe(t testing.TB, c *client.Client, topic string, o client.SubscribeOptions) *client.Subscription {
	t.Helper()
	s, err := c.Subscribe(soon(t), topic, o)
	if err != nil {
		t.Fatalf("Subscribe(%s): %v", topic, err)
	}
	return s
}

// say is a message in one line.
func say(m client.Message) string {
	var b strings.Builder
	b.WriteString(m.Kind.String())
	if m.Data != nil {
		fmt.Fprintf(&b, " %s", m.Data)
	}
	if m.Seq != 0 {
		fmt.Fprintf(&b, " #%d", m.Seq)
	}
	if m.Key != "" {
		fmt.Fprintf(&b, " of %s", m.Key)
	}
	if m.Recovered {
		b.WriteString(" recovered")
	}
	if m.To != 0 {
		fmt.Fprintf(&b, " %d to %d", m.From, m.To)
	}
	if m.Count != 0 {
		fmt.Fprintf(&b, " count %d", m.Count)
	}
	if m.Member != nil {
		fmt.Fprintf(&b, " %s", m.Member.User)
	}
	return b.String()
}

// wants takes messages, which must be those.
func wants(t testing.TB, s *client.Subscription, lines ...string) {
	t.Helper()
	for i, want := range lines {
		m, err := s.Next(soon(t))
		if err != nil {
			t.Fatalf("message %d of %s: %v, want %q", i, s.Topic(), err, want)
		}
		if got := say(m); got != want {
			t.Fatalf("message %d of %s is %q, want %q", i, s.Topic(), got, want)
		}
	}
}

// eventually waits until a condition holds for which there is no channel.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited too long until %s", what)
		}
		<-tick.C
	}
}

// within takes what comes from ch, which must not take too long.
func within[T any](t testing.TB, what string, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		t.Fatalf("waited too long for %s", what)
		panic("not reached")
	}
}

func closeAll(closers ...io.Closer) {
	for _, c := range closers {
		c.Close()
	}
}
