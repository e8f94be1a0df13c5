package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestHandshakeIsAnsweredByteByByte(t *testing.T) {
	onEach(t, func(t *testing.T, addr string) {
		c := dial(t, addr)
		c.sendChopped(1, []byte(handshake+"\r\n"))
		c.expectUpgrade()
		c.closeCleanly()
	})
}

func TestFramesSentRightBehindTheHandshakeAreNotLost(t *testing.T) {
	onEach(t, func(t *testing.T, addr string) {
		c := dial(t, addr)
		c.send([]byte(handshake + "\r\n" + string(text("early")) + string(ping("bird")) + string(text("part"))[:7]))
		c.expectUpgrade()
		got := map[string]bool{}
		for range 2 {
			_, payload, err := c.read()
			if err != nil {
				t.Fatal(err)
			}
			got[string(payload)] = true
		}
		if !got["early"] || !got["bird"] {
			t.Fatalf("got %v", got)
		}
		c.send(text("part")[7:])
		c.expect(opText, []byte("part"))
		c.closeCleanly()
	})
}

func TestHandshakeAcceptsNoExtension(t *testing.T) {
	onEach(t, func(t *testing.T, addr string) {
		c := dial(t, addr)
		c.send([]byte(handshake + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"))
		if h := c.expectUpgrade(); h.Get("Sec-WebSocket-Extensions") != "" {
			t.Fatalf("an extension is accepted: %v", h)
		}
		c.send(text("plain"))
		c.expect(opText, []byte("plain"))
		c.closeCleanly()
	})
}

func TestHandshakeIsRefusedWithTheRightStatus(t *testing.T) {
	for _, c := range []struct {
		name, old, new string // what is replaced in the good request
		status         int
	}{
		{"another method", "GET / ", "DELETE / ", 405},
		{"no Host", "Host: 127.0.0.1\r\n", "", 400},
		{"no Upgrade", "Upgrade: websocket\r\n", "", 426},
		{"no Connection", "Connection: Upgrade\r\n", "", 400},
		{"no key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", 400},
		{"a short key", "dGhlIHNhbXBsZSBub25jZQ==", "dGhl", 400},
		{"no version", "Sec-WebSocket-Version: 13\r\n", "", 426},
		{"another version", "Version: 13", "Version: 14", 426},
		{"HTTP/1.0", "HTTP/1.1", "HTTP/1.0", 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, addr string) {
				client := dial(t, addr)
				client.send([]byte(strings.Replace(handshake, c.old, c.new, 1) + "\r\n"))
				resp, err := http.ReadResponse(client.in, nil)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if resp.StatusCode != c.status {
					t.Errorf("got %d, want %d", resp.StatusCode, c.status)
				}
				if v := resp.Header.Get("Sec-WebSocket-Version"); c.status == 426 && v != "13" {
					t.Errorf("426 with Sec-WebSocket-Version %q", v)
				}
			})
		})
	}
}
