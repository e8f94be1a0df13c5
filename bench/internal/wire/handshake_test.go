package wire_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/livetopics/live/bench/internal/wire"
)

// key and accept are the example of RFC 6455, section 1.3.
const (
	key    = "dGhlIHNhbXBsZSBub25jZQ=="
	accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

func TestAcceptIsTheOneOfTheRFC(t *testing.T) {
	if got := wire.Accept(key); got != accept {
		t.Errorf("got %q, want %q", got, accept)
	}
}

func TestUpgradedBelievesOnlyAProvenAnswer(t *testing.T) {
	for _, c := range []struct{ head, complaint string }{
		{"HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept:  " + accept + "\r\n\r\n", ""},
		{"HTTP/1.1 101 Switching Protocols\r\n\r\n", "Sec-WebSocket-Accept"},
		{"HTTP/1.1 403 Forbidden\r\n\r\n", "403"},
	} {
		err := wire.Upgraded([]byte(c.head), key)
		if (err == nil) != (c.complaint == "") || err != nil && !strings.Contains(err.Error(), c.complaint) {
			t.Errorf("%q: got %v, want %q in it", c.head, err, c.complaint)
		}
	}
}

func TestHeadEndsAtTheEmptyLine(t *testing.T) {
	request := wire.Request("127.0.0.1:80", "/ws", key)
	head, err := wire.Head(append(bytes.Clone(request), "frames"...))
	if err != nil || !bytes.Equal(head, request) {
		t.Errorf("got %q, error %v", head, err)
	}
	if head, err := wire.Head(request[:len(request)-1]); head != nil || err != nil {
		t.Errorf("an unfinished head gave %q, error %v", head, err)
	}
	if _, err := wire.Head(make([]byte, 8<<10)); !errors.Is(err, wire.ErrHead) {
		t.Errorf("an endless head gave %v", err)
	}
}
