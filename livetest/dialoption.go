package livetest

import (
	"net/http"
	"net/url"
)

// DialOption says how a client connects.
type DialOption func(*dialling)

// dialling is what a client connects with, each time.
type dialling struct {
	header http.Header
	query  url.Values
	remote string
	plain  bool
}

// User makes the client one of this user: see NewServer. It sets the header
// Live-Test-User, for a hook of yours to look at.
func User(name string) DialOption { return Header(userHeader, name) }

// Header sets a header of the request.
func Header(name, value string) DialOption {
	return func(d *dialling) { d.header.Set(name, value) }
}

// Query sets a parameter of the request's URL.
func Query(name, value string) DialOption {
	return func(d *dialling) { d.query.Set(name, value) }
}

// ClientID is what the client calls itself over its connections, at most 64 bytes. By
// default every client but a plain one has a name of its own. The server takes it for the
// same client only if it is of the same User.
func ClientID(id string) DialOption { return Query("client", id) }

// Origin is that of the page that a browser would connect from. The server's own is
// http://livetest.
func Origin(origin string) DialOption { return Header("Origin", origin) }

// RemoteAddr is the address that the connection comes from, 192.0.2.1:1234 by default.
func RemoteAddr(address string) DialOption {
	return func(d *dialling) { d.remote = address }
}

// Protocol offers a subprotocol in place of live.v1, or several with commas between
// them. A client that does not offer live.v1 gets no welcome.
func Protocol(names string) DialOption { return Header("Sec-WebSocket-Protocol", names) }

// Plain makes a client as simple as a browser's WebSocket with ten lines of script: it
// offers no subprotocol and gives itself no name. It gets events only once it has sent
// an operation.
func Plain() DialOption {
	return func(d *dialling) { d.plain = true }
}
