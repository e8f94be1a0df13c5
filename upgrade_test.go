package live_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/livetopics/live"
)

func TestUpgradeRequestsThatAreNoneAreRefused(t *testing.T) {
	without := func(name string) func(*request) {
		return func(q *request) { q.header.Del(name) }
	}
	line := func(s string) func(*request) {
		return func(q *request) { q.line = s }
	}
	for _, c := range []struct {
		name   string
		edit   func(*request)
		status int
		word   string // in the answer
	}{
		{"POST", line("POST /ws HTTP/1.1"), 405, "GET"},
		{"HTTP/1.0", line("GET /ws HTTP/1.0"), 400, "HTTP/1.1"},
		{"no upgrade", without("Upgrade"), 426, "Upgrade"},
		{"another upgrade", header("Upgrade", "h2c"), 426, "Upgrade"},
		{"no connection", without("Connection"), 400, "Connection"},
		{"no version", without("Sec-WebSocket-Version"), 426, "Sec-WebSocket-Version"},
		{"old version", header("Sec-WebSocket-Version", "8"), 426, "13"},
		{"no key", without("Sec-WebSocket-Key"), 400, "Sec-WebSocket-Key"},
		{"short key", header("Sec-WebSocket-Key", "c2hvcnQ="), 400, "Sec-WebSocket-Key"},
		{"two keys", func(q *request) { q.header.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==") }, 400, "Sec-WebSocket-Key"},
		{"two origins", func(q *request) { q.header["Origin"] = []string{"http://a", "http://b"} }, 400, "Origin"},
		{"a body", func(q *request) { q.header.Set("Content-Length", "2"); q.early = []byte("xx") }, 400, "body"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				r := serve(t, kind, live.Options{})
				answer, body := r.refused(t, c.status, c.edit)
				if !strings.Contains(body, c.word) {
					t.Errorf("the answer does not say %q: %s", c.word, body)
				}
				if c.status == 426 && answer.Header.Get("Sec-WebSocket-Version") != "13" {
					t.Error("a 426 without Sec-WebSocket-Version: 13")
				}
				if c.status == 405 && answer.Header.Get("Allow") != "GET" {
					t.Error("a 405 without Allow: GET")
				}
				r.pair(t)
			})
		})
	}
}

func TestTheAnswerToAGoodRequest(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c, answer, err := r.ask(func(q *request) {
			q.header.Set("Connection", "keep-alive, UPGRADE")
			q.header.Set("Upgrade", "WebSocket")
			q.header.Set("Sec-WebSocket-Extensions", "permessage-deflate")
			q.header.Set("Sec-WebSocket-Protocol", "chat, other")
		})
		if err != nil || c == nil {
			t.Fatalf("refused: %v %v", answer, err)
		}
		defer c.nc.Close()
		if got := answer.Header.Get("Sec-WebSocket-Accept"); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
			t.Errorf("Sec-WebSocket-Accept is %q", got)
		}
		for _, name := range []string{"Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"} {
			if got := answer.Header.Get(name); got != "" {
				t.Errorf("%s is %q, want none: nothing of the offer is spoken here", name, got)
			}
		}
	})
}

func TestWhatCameWithTheUpgradeRequestIsNotLost(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnMessage: echo})
		var early []byte
		for _, d := range numbers(50) {
			early = append(early, frame(true, opText, envelope("early", d))...)
		}
		for cut := range 12 { // the rest of the last frame comes later
			c := r.dial(t, func(q *request) { q.early = early[:len(early)-cut] })
			c.raw(t, early[len(early)-cut:])
			c.want(t, "early", numbers(50)...)
		}
	})
}

// wrapper is a middleware's ResponseWriter, as http.ResponseController wants it.
type wrapper struct{ http.ResponseWriter }

func (w wrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// opaque is one that hides what it wraps.
type opaque struct{ inner http.ResponseWriter }

func (w opaque) Header() http.Header         { return w.inner.Header() }
func (w opaque) Write(p []byte) (int, error) { return w.inner.Write(p) }
func (w opaque) WriteHeader(status int)      { w.inner.WriteHeader(status) }

func TestUpgradeWorksThroughMiddlewareThatUnwraps(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serveBehind(t, kind, live.Options{OnMessage: echo}, func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				h.ServeHTTP(wrapper{wrapper{w}}, r)
			})
		})
		c := r.dial(t)
		c.send(t, "a", "1")
		c.want(t, "a", "1")
	})
}

func TestWhatCannotBeHijackedIsAClear500(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serveBehind(t, kind, live.Options{}, func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(opaque{w}, r) })
		})
		_, body := r.refused(t, http.StatusInternalServerError)
		for _, word := range []string{"opaque", "Unwrap", "HTTP/1.1"} {
			if !strings.Contains(body, word) {
				t.Errorf("the answer does not say %q: %s", word, body)
			}
		}
	})
}

func TestHTTP2IsRefusedClearly(t *testing.T) {
	server := live.New(live.Options{})
	defer server.Shutdown(t.Context())
	h := httptest.NewUnstartedServer(server.Handler())
	h.EnableHTTP2 = true
	h.StartTLS()
	defer h.Close()
	answer, err := h.Client().Get(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	if answer.ProtoMajor != 2 || answer.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "HTTP/1.1") {
		t.Errorf("%s answered %s: %s", answer.Proto, answer.Status, body)
	}
}

func TestTLSWorksThroughHTTPTestsServer(t *testing.T) {
	r := serve(t, tlsSocket, live.Options{OnMessage: echo})
	c := r.dial(t)
	if _, ok := c.nc.(*tls.Conn); !ok {
		t.Fatal("the client does not speak TLS")
	}
	c.send(t, "a", "1")
	c.want(t, "a", "1")
	c.raw(t, closeFrame(1000, ""))
	c.wantClose(t, 1000)
}
