package ws_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// rfcKey and rfcAccept are the example of RFC 6455, section 1.3.
const (
	rfcKey    = "dGhlIHNhbXBsZSBub25jZQ=="
	rfcAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// upgrade is a valid request with the given changes made to its headers: "Name"
// removes one, "Name: value" sets it, "+Name: value" adds another line.
func upgrade(t *testing.T, changes ...string) *http.Request {
	t.Helper()
	r := httptest.NewRequest("GET", "http://example.com/ws", nil)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Sec-WebSocket-Key", rfcKey)
	r.Header.Set("Sec-WebSocket-Version", "13")
	for _, change := range changes {
		name, value, set := strings.Cut(change, ": ")
		switch {
		case !set:
			r.Header.Del(name)
		case name[0] == '+':
			r.Header.Add(name[1:], value)
		default:
			r.Header.Set(name, value)
		}
	}
	return r
}

func TestCheckAcceptsTheRequestOfTheRFC(t *testing.T) {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET /chat HTTP/1.1\r\n" +
		"Host: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: " + rfcKey + "\r\nOrigin: http://example.com\r\n" +
		"Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	h, err := ws.Check(r)
	if err != nil {
		t.Fatal(err)
	}
	if want := (&ws.Handshake{Key: rfcKey, Protocols: []string{"chat", "superchat"}}); !reflect.DeepEqual(h, want) {
		t.Errorf("got %+v, want %+v", h, want)
	}
}

func TestCheckTakesHeadersInAllTheirForms(t *testing.T) {
	for _, c := range []struct {
		name    string
		changes []string
	}{
		{"tokens in other letter case", []string{"Connection: uPGRADE", "Upgrade: WebSocket"}},
		{"Connection with several tokens, as Firefox has it", []string{"Connection: keep-alive, Upgrade"}},
		{"Connection over two lines", []string{"Connection: keep-alive", "+Connection: Upgrade"}},
		{"spaces, tabs and empty elements", []string{"Connection: ,  ,\tUpgrade ,", "Upgrade: \twebsocket "}},
		{"another protocol to upgrade to beside it", []string{"Upgrade: h2c, websocket"}},
		{"an extension offered", []string{"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"}},
		{"an Origin", []string{"Origin: https://example.com"}},
		{"a key whose last character has spare bits", []string{"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAB=="}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := ws.Check(upgrade(t, c.changes...)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCheckListsTheProtocolsOfferedInOrder(t *testing.T) {
	for _, c := range []struct {
		name    string
		changes []string
		want    []string
	}{
		{"none", nil, nil},
		{"one", []string{"Sec-WebSocket-Protocol: live.v1"}, []string{"live.v1"}},
		{"several on a line", []string{"Sec-WebSocket-Protocol: live.v1,b ,\tc"}, []string{"live.v1", "b", "c"}},
		{"several lines", []string{"Sec-WebSocket-Protocol: live.v1", "+Sec-WebSocket-Protocol: b, c"}, []string{"live.v1", "b", "c"}},
		{"a token", []string{"Sec-WebSocket-Protocol: live.token.eyJhbGciOi_-.x.y"}, []string{"live.token.eyJhbGciOi_-.x.y"}},
		{"names that differ in case", []string{"Sec-WebSocket-Protocol: a, A"}, []string{"a", "A"}},
		{"an empty line", []string{"Sec-WebSocket-Protocol: ,"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := ws.Check(upgrade(t, c.changes...))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(h.Protocols, c.want) {
				t.Errorf("got %q, want %q", h.Protocols, c.want)
			}
		})
	}
}

func TestAcceptKeyIsTheRFCsExample(t *testing.T) {
	if got := ws.AcceptKey(rfcKey); got != rfcAccept {
		t.Errorf("got %q, want %q", got, rfcAccept)
	}
}

func TestResponseSwitchesProtocolsAndAcceptsNoExtension(t *testing.T) {
	h, err := ws.Check(upgrade(t, "Sec-WebSocket-Extensions: permessage-deflate", "Sec-WebSocket-Protocol: a, b"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, protocol, line string }{
		{"no subprotocol", "", ""},
		{"a subprotocol that was offered", "b", "Sec-WebSocket-Protocol: b\r\n"},
		{"a subprotocol that was not", "c", ""},
		{"a subprotocol that would be a header", "x\r\nSet-Cookie: a=b", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := "before HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
				"Sec-WebSocket-Accept: " + rfcAccept + "\r\n" + c.line + "\r\n"
			if got := string(h.AppendResponse([]byte("before "), c.protocol)); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestResponseIsReadByAnHTTPClient(t *testing.T) {
	r := upgrade(t, "Sec-WebSocket-Protocol: live.v1")
	h, err := ws.Check(r)
	if err != nil {
		t.Fatal(err)
	}
	raw := append(h.AppendResponse(nil, "live.v1"), "frames"...)
	in := bufio.NewReader(bytes.NewReader(raw))
	resp, err := http.ReadResponse(in, r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 101 || resp.Header.Get("Sec-WebSocket-Accept") != rfcAccept || resp.Header.Get("Sec-WebSocket-Protocol") != "live.v1" {
		t.Errorf("got %d, %v", resp.StatusCode, resp.Header)
	}
	rest := make([]byte, in.Buffered())
	if fmt.Fscan(in, &rest); string(rest) != "frames" {
		t.Errorf("after the response comes %q", rest)
	}
}
