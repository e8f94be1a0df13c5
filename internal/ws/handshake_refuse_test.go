package ws_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// refusal is the error of Check, which must be there.
func refusal(t *testing.T, r *http.Request) *ws.HandshakeError {
	t.Helper()
	_, err := ws.Check(r)
	var e *ws.HandshakeError
	if !errors.As(err, &e) {
		t.Fatalf("Check gave %v, want a *HandshakeError", err)
	}
	return e
}

func TestCheckRefusesWithTheRightStatusAndSaysWhy(t *testing.T) {
	many := "p0"
	for _, c := range "abcdefghijklmnopqrstuvwxyzABCDEF" {
		many += ", p" + string(c)
	}
	for _, c := range []struct {
		name    string
		changes []string
		status  int
		says    string // words of the message
	}{
		{"a plain page request", []string{"Connection", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version"}, 426, "speaks WebSocket"},
		{"no Upgrade", []string{"Upgrade"}, 426, "Upgrade: websocket"},
		{"another Upgrade", []string{"Upgrade: h2c"}, 426, "Upgrade: websocket"},
		{"a word that only contains it", []string{"Upgrade: websockets"}, 426, "Upgrade: websocket"},
		{"no Connection", []string{"Connection"}, 400, "Connection: Upgrade"},
		{"another Connection", []string{"Connection: keep-alive"}, 400, "Connection: Upgrade"},
		{"a Connection that is no list", []string{"Connection: keep-alive Upgrade"}, 400, "Connection: Upgrade"},
		{"no version", []string{"Sec-WebSocket-Version"}, 426, "is missing"},
		{"an old version", []string{"Sec-WebSocket-Version: 8"}, 426, `"8"`},
		{"a list of versions", []string{"Sec-WebSocket-Version: 13, 8"}, 426, "13, 8"},
		{"another spelling of the version", []string{"Sec-WebSocket-Version: 013"}, 426, "013"},
		{"the version twice", []string{"+Sec-WebSocket-Version: 13"}, 400, "came 2 times"},
		{"no key", []string{"Sec-WebSocket-Key"}, 400, "Key is missing"},
		{"a key that is no base64", []string{"Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!=="}, 400, "16 bytes in base64"},
		{"a key of 15 bytes", []string{"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA"}, 400, "16 bytes in base64"},
		{"a key of 17 bytes", []string{"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAA="}, 400, "16 bytes in base64"},
		{"a key of 16 bytes without padding", []string{"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA"}, 400, "16 bytes in base64"},
		{"a key with a line break in it", []string{"Sec-WebSocket-Key: AAAAAAAAAAA\nAAAAAAAAAAA=="}, 400, "16 bytes in base64"},
		{"the key twice", []string{"+Sec-WebSocket-Key: " + rfcKey}, 400, "came 2 times"},
		{"the origin twice", []string{"Origin: http://a.example", "+Origin: http://b.example"}, 400, "Origin came 2 times"},
		{"a subprotocol that is no token", []string{"Sec-WebSocket-Protocol: a b"}, 400, `"a b"`},
		{"a subprotocol twice", []string{"Sec-WebSocket-Protocol: a, b", "+Sec-WebSocket-Protocol: a"}, 400, "twice"},
		{"too many subprotocols", []string{"Sec-WebSocket-Protocol: " + many}, 400, "32"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := refusal(t, upgrade(t, c.changes...))
			if e.Status != c.status || !strings.Contains(e.Message, c.says) {
				t.Errorf("got %d %q, want %d and %q", e.Status, e.Message, c.status, c.says)
			}
			wantUpgradeHeaders(t, e)
		})
	}
}

// wantUpgradeHeaders checks that a 426, and only that, says what to upgrade to.
func wantUpgradeHeaders(t *testing.T, e *ws.HandshakeError) {
	t.Helper()
	for name, value := range map[string]string{
		"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
	} {
		if e.Status != http.StatusUpgradeRequired {
			value = ""
		}
		if got := e.Header.Get(name); got != value {
			t.Errorf("%d with header %s: %q, want %q", e.Status, name, got, value)
		}
	}
}

func TestCheckRefusesOtherMethods(t *testing.T) {
	for _, method := range []string{"POST", "HEAD", "PUT", "OPTIONS", "CONNECT", "get"} {
		r := upgrade(t)
		r.Method = method
		if e := refusal(t, r); e.Status != 405 || e.Header.Get("Allow") != "GET" {
			t.Errorf("%s: got %d, Allow %q", method, e.Status, e.Header.Get("Allow"))
		}
	}
}

func TestCheckRefusesOtherVersionsOfHTTP(t *testing.T) {
	for _, v := range []struct {
		proto        string
		major, minor int
	}{{"HTTP/1.0", 1, 0}, {"HTTP/0.9", 0, 9}, {"HTTP/2.0", 2, 0}} {
		r := upgrade(t)
		r.Proto, r.ProtoMajor, r.ProtoMinor = v.proto, v.major, v.minor
		if e := refusal(t, r); e.Status != 400 || !strings.Contains(e.Message, v.proto) {
			t.Errorf("%s: got %d %q", v.proto, e.Status, e.Message)
		}
	}
}

func TestCheckRefusesRequestWithoutHost(t *testing.T) {
	r := upgrade(t)
	r.Host = ""
	if e := refusal(t, r); e.Status != 400 || !strings.Contains(e.Message, "Host") {
		t.Errorf("got %d %q", e.Status, e.Message)
	}
}

func TestCheckRefusesRequestWithBody(t *testing.T) {
	for name, length := range map[string]int64{"Content-Length": 5, "chunks": -1} {
		r := upgrade(t)
		r.ContentLength = length
		if e := refusal(t, r); e.Status != 400 || !strings.Contains(e.Message, "body") {
			t.Errorf("%s: got %d %q", name, e.Status, e.Message)
		}
	}
}

func TestWriteErrorSendsPlainTextAndHeaders(t *testing.T) {
	w := httptest.NewRecorder()
	ws.WriteError(w, refusal(t, upgrade(t, "Sec-WebSocket-Version: <8>")))
	resp := w.Result()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 426 || resp.Header.Get("Sec-WebSocket-Version") != "13" {
		t.Errorf("got %d, %v", resp.StatusCode, resp.Header)
	}
	if resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the text could be taken for something else: %v", resp.Header)
	}
	if !strings.HasSuffix(string(body), "Sec-WebSocket-Version: 13.\n") || strings.Count(string(body), "\n") != 1 {
		t.Errorf("got %q", body)
	}
}

func TestWriteErrorSendsTheCallersRefusal(t *testing.T) {
	err := &ws.HandshakeError{Status: http.StatusForbidden, Message: "Origin https://evil.example is not let in."}
	w := httptest.NewRecorder()
	ws.WriteError(w, err)
	if w.Code != 403 || w.Body.String() != err.Message+"\n" {
		t.Errorf("got %d %q", w.Code, w.Body)
	}
	if !strings.Contains(err.Error(), "403") || !strings.Contains(err.Error(), err.Message) {
		t.Errorf("the log would say %q", err)
	}
}
