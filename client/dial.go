package client

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

const (
	subprotocol      = "live.v1"
	tokenSubprotocol = "live.token."
)

// httpClient is what makes the handshakes, and what closes the connections it keeps.
func httpClient(o *Options) (client *http.Client, idle func()) {
	if o.HTTPClient != nil {
		return o.HTTPClient, func() {}
	}
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		transport = &http.Transport{Proxy: http.ProxyFromEnvironment}
	}
	transport = transport.Clone()
	if o.DialContext != nil {
		transport.DialContext = o.DialContext
	}
	return &http.Client{Transport: transport}, transport.CloseIdleConnections
}

// dial makes one attempt to connect. It returns when the server has let the client in.
func (c *Client) dial(ctx context.Context, url string) (*connection, error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeouts.Dial)
	defer cancel()
	header, protocols, err := c.credentials(ctx)
	if err != nil {
		return nil, err
	}
	var n *connection // set before anything is read
	var socket net.Conn
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) { socket = below(got.Conn) },
	})
	ws, response, err := websocket.Dial(traced, url, &websocket.DialOptions{
		HTTPClient: c.http, HTTPHeader: header, Subprotocols: protocols,
		OnPingReceived: func(context.Context, []byte) bool { n.hears(); return true },
	})
	if err != nil {
		return nil, handshakeError(response, err)
	}
	n = newConnection(c, ws, socket, url)
	n.start()
	if ws.Subprotocol() != subprotocol {
		return n, nil // it sends no welcome
	}
	select {
	case <-n.welcomed:
		return n, nil
	case <-n.done:
		return nil, n.err
	case <-ctx.Done():
		n.fail(fmt.Errorf("waiting for the welcome: %w", ctx.Err()))
		<-n.done
		return nil, n.err
	}
}

// below is what TLS writes to. To close that does not wait for the peer.
func below(c net.Conn) net.Conn {
	if secure, ok := c.(*tls.Conn); ok {
		return secure.NetConn()
	}
	return c
}

// credentials are what an attempt to connect is sent with.
func (c *Client) credentials(ctx context.Context) (header http.Header, protocols []string, err error) {
	header, protocols = c.o.Header.Clone(), []string{subprotocol}
	if c.o.Token == nil {
		return header, protocols, nil
	}
	token, err := c.o.Token(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("client: getting a token: %w", err)
	}
	switch {
	case token == "":
	case isProtocolName(token):
		protocols = append(protocols, tokenSubprotocol+token)
	default:
		if header == nil {
			header = http.Header{}
		}
		header.Set("Authorization", "Bearer "+token)
	}
	return header, protocols, nil
}

// isProtocolName reports whether s may stand in a Sec-WebSocket-Protocol header: it is a
// token as in RFC 9110, section 5.6.2.
func isProtocolName(s string) bool {
	const marks = "!#$%&'*+-.^_`|~"
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte(marks, c) >= 0) {
			return false
		}
	}
	return true
}

// handshakeError says why a handshake failed.
func handshakeError(response *http.Response, err error) error {
	if response == nil || response.StatusCode == http.StatusSwitchingProtocols {
		return fmt.Errorf("client: connecting: %w", err)
	}
	refused := &HandshakeError{Status: response.StatusCode}
	if response.Body != nil {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1024))
		refused.Message = strings.TrimSpace(string(text))
	}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		refused.RetryAfter = min(time.Duration(seconds)*time.Second, time.Hour)
	}
	return refused
}
