package ws

import (
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"slices"
)

// The handshake's fixed parts: RFC 6455, sections 1.3 and 4.
const (
	acceptGUID      = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
	protocolVersion = "13"
	keyBytes        = 16 // of Sec-WebSocket-Key, decoded
	keySize         = 24 // of Sec-WebSocket-Key, in base64
)

// MaxProtocols is how many subprotocols a client may offer. Browsers and
// libraries offer one or two.
const MaxProtocols = 32

// Handshake is a valid upgrade request's part of the opening handshake.
type Handshake struct {
	Key       string   // Sec-WebSocket-Key as it came, valid
	Protocols []string // the subprotocols offered, the most wanted first; each once
}

// Check examines an upgrade request by RFC 6455, section 4.2.1. Header names,
// lists over several lines, spaces and letter case are taken as HTTP has them.
// The Origin, if it matters, is for the caller to check. The error is a
// *HandshakeError, to be sent with WriteError:
//
//	405  the method is not GET
//	400  the request is not HTTP/1.1 or has no Host
//	426  it does not ask to upgrade to websocket
//	400  Connection lacks "Upgrade", or the request has a body
//	426  it wants no version of the protocol or another than 13
//	400  Sec-WebSocket-Key is missing or not 16 bytes in base64
//	400  a header that must be there once is there twice
//	400  the subprotocols are not names, repeat or are more than MaxProtocols
func Check(r *http.Request) (*Handshake, error) {
	for _, check := range []func(*http.Request) *HandshakeError{
		checkRequest, checkUpgrade, checkOnce, checkVersion, checkKey,
	} {
		if err := check(r); err != nil {
			return nil, err
		}
	}
	protocols, err := offeredProtocols(r)
	if err != nil {
		return nil, err
	}
	return &Handshake{Key: r.Header.Get("Sec-WebSocket-Key"), Protocols: protocols}, nil
}

// checkRequest checks what holds for the request as such.
func checkRequest(r *http.Request) *HandshakeError {
	switch {
	case r.Method != http.MethodGet:
		return refuseMethod(r.Method)
	case r.ProtoMajor != 1 || r.ProtoMinor < 1:
		return refuse("WebSocket needs HTTP/1.1, this request came over %.20q; if a proxy stands between, have it speak HTTP/1.1 to this server.", r.Proto)
	case r.Host == "":
		return refuse("The Host header is missing.")
	}
	return nil
}

// checkUpgrade checks that the request asks for a WebSocket and nothing else.
func checkUpgrade(r *http.Request) *HandshakeError {
	switch {
	case !hasToken(r.Header, "Upgrade", "websocket"):
		return refuseUpgrade("This address speaks WebSocket: connect with a WebSocket client. " +
			"The request lacks the header Upgrade: websocket; if a proxy stands between, have it pass Upgrade and Connection on.")
	case !hasToken(r.Header, "Connection", "upgrade"):
		return refuse("The header Connection: Upgrade is missing beside Upgrade: websocket; if a proxy stands between, have it pass both on.")
	case r.ContentLength != 0:
		// What follows the header is read as frames: a body there would let a
		// request through a proxy become frames here.
		return refuse("An upgrade request has no body: send it without Content-Length and Transfer-Encoding.")
	}
	return nil
}

// checkOnce checks that headers which have one value come once.
func checkOnce(r *http.Request) *HandshakeError {
	for _, name := range []string{"Sec-WebSocket-Version", "Sec-WebSocket-Key", "Origin"} {
		if n := len(r.Header.Values(name)); n > 1 {
			return refuse("The header %s came %d times: send it once.", name, n)
		}
	}
	return nil
}

// checkVersion checks the version of the protocol that the client speaks.
func checkVersion(r *http.Request) *HandshakeError {
	switch v := r.Header.Get("Sec-WebSocket-Version"); v {
	case protocolVersion:
		return nil
	case "":
		return refuseUpgrade("The header Sec-WebSocket-Version is missing: send Sec-WebSocket-Version: 13.")
	default:
		return refuseUpgrade("WebSocket version %.20q is not spoken here: send Sec-WebSocket-Version: 13.", v)
	}
}

// checkKey checks the client's nonce.
func checkKey(r *http.Request) *HandshakeError {
	key := r.Header.Get("Sec-WebSocket-Key")
	if key == "" {
		return refuse("The header Sec-WebSocket-Key is missing: send 16 random bytes in base64.")
	}
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(raw) != keyBytes || len(key) != keySize {
		return refuse("Sec-WebSocket-Key is not 16 bytes in base64 (%d characters).", keySize)
	}
	return nil
}

// offeredProtocols reads the list of subprotocols, which may be missing.
func offeredProtocols(r *http.Request) ([]string, *HandshakeError) {
	var offered []string
	for name := range tokens(r.Header, "Sec-WebSocket-Protocol") {
		switch {
		case !isToken(name):
			return nil, refuse("The subprotocol %.40q in Sec-WebSocket-Protocol is not a name: use letters, digits, '.', '-' and '_'.", name)
		case slices.Contains(offered, name):
			return nil, refuse("The subprotocol %.40q is offered twice in Sec-WebSocket-Protocol.", name)
		case len(offered) == MaxProtocols:
			return nil, refuse("More than %d subprotocols are offered in Sec-WebSocket-Protocol.", MaxProtocols)
		}
		offered = append(offered, name)
	}
	return offered, nil
}

// AppendResponse appends the whole 101 answer, to be written to the connection as
// it is: RFC 6455, section 4.2.2. protocol is the subprotocol chosen, "" for none;
// one that was not offered is left out, since the client would have to fail the
// connection (section 4.1). No extension is ever accepted.
func (h *Handshake) AppendResponse(dst []byte, protocol string) []byte {
	dst = append(dst, "HTTP/1.1 101 Switching Protocols\r\n"+
		"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "...)
	dst = append(dst, AcceptKey(h.Key)...)
	if protocol != "" && slices.Contains(h.Protocols, protocol) {
		dst = append(dst, "\r\nSec-WebSocket-Protocol: "...)
		dst = append(dst, protocol...)
	}
	return append(dst, "\r\n\r\n"...)
}

// AcceptKey returns the value of Sec-WebSocket-Accept that answers a client's
// Sec-WebSocket-Key: RFC 6455, section 4.2.2, step 5.4.
func AcceptKey(key string) string {
	sum := sha1.Sum([]byte(key + acceptGUID))
	return base64.StdEncoding.EncodeToString(sum[:])
}
