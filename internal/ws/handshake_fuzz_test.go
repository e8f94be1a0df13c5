package ws_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// naiveStatus is what Check must answer, by strings and regular expressions.
func naiveStatus(r *http.Request) int {
	list := func(name string) (out []string) {
		for _, e := range strings.Split(strings.Join(r.Header.Values(name), ","), ",") {
			if e = strings.Trim(e, " \t"); e != "" {
				out = append(out, e)
			}
		}
		return out
	}
	has := func(name, token string) bool {
		return slices.ContainsFunc(list(name), func(e string) bool { return strings.EqualFold(e, token) })
	}
	once := func(name string) bool { return len(r.Header.Values(name)) <= 1 }
	key := r.Header.Get("Sec-WebSocket-Key")
	raw, keyErr := base64.StdEncoding.DecodeString(key)
	protocols := list("Sec-WebSocket-Protocol")
	token := regexp.MustCompile("^[-!#$%&'*+.^_`|~0-9A-Za-z]+$")
	unique := slices.Compact(slices.Sorted(slices.Values(protocols)))
	switch {
	case r.Method != "GET":
		return 405
	case !r.ProtoAtLeast(1, 1) || r.ProtoAtLeast(2, 0) || r.Host == "":
		return 400
	case !has("Upgrade", "websocket"):
		return 426
	case !has("Connection", "upgrade") || r.ContentLength != 0:
		return 400
	case !once("Sec-WebSocket-Version") || !once("Sec-WebSocket-Key") || !once("Origin"):
		return 400
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		return 426
	case keyErr != nil || len(raw) != 16 || len(key) != 24:
		return 400
	case len(unique) != len(protocols) || len(unique) > ws.MaxProtocols:
		return 400
	case slices.ContainsFunc(protocols, func(p string) bool { return !token.MatchString(p) }):
		return 400
	}
	return 101
}

// FuzzCheck reads arbitrary bytes as a request, as net/http does for a server.
func FuzzCheck(f *testing.F) {
	request := "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Key: " + rfcKey + "\r\nSec-WebSocket-Version: 13\r\n"
	f.Add([]byte(request + "\r\n"))
	f.Add([]byte(request + "Sec-WebSocket-Protocol: live.v1, live.token.x\r\n\r\n"))
	f.Add([]byte(request + "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: a b\r\n\r\n"))
	f.Add([]byte(request + "Content-Length: 5\r\n\r\nHello"))
	f.Add([]byte("GET / HTTP/1.0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			return
		}
		h, err := ws.Check(r)
		status := 101
		if err != nil {
			var e *ws.HandshakeError
			if !errors.As(err, &e) {
				t.Fatalf("error %v (%T)", err, err)
			}
			status = e.Status
		}
		if want := naiveStatus(r); status != want {
			t.Fatalf("%q: status %d (%v), want %d", raw, status, err, want)
		}
		if err != nil {
			return
		}
		protocol := ""
		if len(h.Protocols) > 0 {
			protocol = h.Protocols[len(h.Protocols)-1]
		}
		resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(h.AppendResponse(nil, protocol))), r)
		if err != nil {
			t.Fatalf("%q: the response cannot be read: %v", raw, err)
		}
		resp.Body.Close()
		if resp.StatusCode != 101 || resp.Header.Get("Sec-WebSocket-Protocol") != protocol || len(resp.Header) > 4 {
			t.Fatalf("%q: response %v", raw, resp)
		}
	})
}
