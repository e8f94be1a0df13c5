package wire

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
)

// guid is the constant that every WebSocket server mixes into its answer (RFC 6455, section 1.3).
const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// maxHeadBytes is the longest HTTP head taken, in bytes: ours.
const maxHeadBytes = 8 << 10

// ErrHead says that an HTTP head had no end within 8 KiB.
var ErrHead = errors.New("wire: an HTTP head of more than 8 KiB")

// Request returns a client's opening handshake for http://host/path with this Sec-WebSocket-Key, which
// is base64 of 16 bytes (RFC 6455, section 4.1). It offers no extension and sends no Origin.
func Request(host, path, key string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", path, host, key)
}

// Accept returns the Sec-WebSocket-Accept that answers key (RFC 6455, section 4.2.2).
func Accept(key string) string {
	sum := sha1.Sum([]byte(key + guid))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Head takes an HTTP head, up to and with its empty line, off b. It returns nil while its end is not
// there yet, and ErrHead when it is longer than 8 KiB.
func Head(b []byte) ([]byte, error) {
	if i := bytes.Index(b, []byte("\r\n\r\n")); i >= 0 && i+4 <= maxHeadBytes {
		return b[:i+4], nil
	}
	if len(b) >= maxHeadBytes {
		return nil, ErrHead
	}
	return nil, nil
}

// Upgraded reports what is wrong with a server's answer to the handshake made with key; nil where it
// switched protocols and proved that it read the key (RFC 6455, section 4.1).
func Upgraded(head []byte, key string) error {
	status, _, _ := bytes.Cut(head, []byte("\r\n"))
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 101 ")) {
		return fmt.Errorf("wire: the server answered the handshake with %q instead of 101", status)
	}
	if got := Field(head, "Sec-WebSocket-Accept"); got != Accept(key) {
		return fmt.Errorf("wire: the server's Sec-WebSocket-Accept is %q, not %q", got, Accept(key))
	}
	return nil
}

// Field returns the value of the first header field with this name, in any case of letters; "" where
// there is none.
func Field(head []byte, name string) string {
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		field, value, ok := bytes.Cut(line, []byte(":"))
		if ok && bytes.EqualFold(field, []byte(name)) {
			return string(bytes.TrimSpace(value))
		}
	}
	return ""
}
