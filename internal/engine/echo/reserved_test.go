package main

import (
	"fmt"
	"testing"
)

// A peer that breaks the rules after a good message gets that echoed first, then
// the failure, and no answer to what it sent behind.

func TestReservedBitsFailTheConnection(t *testing.T) {
	for _, c := range []struct {
		name string
		bits byte
		op   byte
		body string
	}{
		{"RSV3 in a text", 1, opText, "Hello"},
		{"RSV2 in a text", 2, opText, "Hello"},
		{"RSV2 and RSV3 in a text", 3, opText, "Hello"},
		{"RSV1 in an empty text", 4, opText, ""},
		{"RSV1 and RSV3 in a binary", 5, opBinary, "\x00\xff\xfe"},
		{"RSV1 and RSV2 in a ping", 6, opPing, "Hello"},
		{"all in a close", 7, opClose, "\x03\xe8"},
	} {
		t.Run(c.name, func(t *testing.T) { wantRefused(t, fin|c.bits<<4|c.op, c.body) })
	}
}

func TestReservedOpcodesFailTheConnection(t *testing.T) {
	for _, op := range []byte{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		for _, body := range []string{"", "reserved"} {
			t.Run(fmt.Sprintf("opcode %d with %d bytes", op, len(body)), func(t *testing.T) {
				wantRefused(t, fin|op, body)
			})
		}
	}
}

// wantRefused sends a frame that must be refused, alone and after a message, at
// once and byte by byte, with a ping behind.
func wantRefused(t *testing.T, first byte, body string) {
	t.Helper()
	bad := frame(first, []byte(body))
	onEach(t, func(t *testing.T, addr string) {
		c := connect(t, addr)
		c.send(bad)
		c.expectFailure(1002)

		c = connect(t, addr)
		c.send(append(append(text("good"), bad...), ping("unheard")...))
		c.expect(opText, []byte("good"))
		c.expectFailure(1002)

		c = connect(t, addr)
		c.sendChopped(1, append(text("good"), bad[:1]...))
		c.expect(opText, []byte("good"))
		c.expectFailure(1002)
	})
}
