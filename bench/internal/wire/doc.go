// Package wire is the least of WebSocket that a load generator needs: frames in and out, and the
// bytes of an opening handshake, without allocation and without a connection of its own.
//
// It is not a general implementation: a fragmented message is refused, because none of the servers
// measured here sends one, and a figure that hides a second frame would be wrong.
package wire
