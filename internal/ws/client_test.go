package ws_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// fin is the bit of the first header byte that ends a message.
const fin = 0x80

// testKey masks the frames of the tests' clients.
var testKey = [4]byte{0x37, 0xfa, 0x21, 0x3d}

// frame is a masked client frame. first is the whole first byte: fin and opcode.
func frame(first byte, payload []byte) []byte {
	return frameForm(first, formOf(len(payload)), payload)
}

// formOf is how many bytes follow the second one for a length in its shortest form.
func formOf(n int) int {
	switch {
	case n < 126:
		return 0
	case n < 65536:
		return 2
	}
	return 8
}

// frameForm is a masked frame whose length takes 0, 2 or 8 further bytes.
func frameForm(first byte, form int, payload []byte) []byte {
	out := []byte{first}
	switch form {
	case 0:
		out = append(out, 0x80|byte(len(payload)))
	case 2:
		out = binary.BigEndian.AppendUint16(append(out, 0x80|126), uint16(len(payload)))
	default:
		out = binary.BigEndian.AppendUint64(append(out, 0x80|127), uint64(len(payload)))
	}
	out = append(out, testKey[:]...)
	for i, b := range payload {
		out = append(out, b^testKey[i%4])
	}
	return out
}

func text(s string) []byte     { return frame(fin|byte(ws.OpText), []byte(s)) }
func binFrame(b []byte) []byte { return frame(fin|byte(ws.OpBinary), b) }
func ping(s string) []byte     { return frame(fin|byte(ws.OpPing), []byte(s)) }

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// event is a ws.Event whose payload is the test's own copy.
type event struct {
	op      ws.Opcode
	payload string
}

func (e event) String() string { return fmt.Sprintf("%v(%.100q)", e.op, e.payload) }

// readAll feeds the chunks to a new Reader, as an engine does, until they end, an
// error comes or a close frame. Every chunk gets memory of its own, which is
// spoilt afterwards, so that nothing can lean on it for longer than it may.
func readAll(t testing.TB, limit int, chunks ...[]byte) (events []event, code int, idle bool) {
	t.Helper()
	var r ws.Reader
	for _, chunk := range chunks {
		own := bytes.Clone(chunk)
		for in := own; ; {
			ev, ok, rest, err := r.Next(in, limit)
			if err != nil {
				return events, codeOf(t, err), false
			}
			if !ok {
				if len(rest) != 0 {
					t.Fatalf("Next returned no event and left %d bytes", len(rest))
				}
				break
			}
			events = append(events, event{ev.Op, string(ev.Payload)})
			if ev.Op == ws.OpClose {
				return events, 0, false
			}
			in = rest
		}
		for i := range own {
			own[i] = 0xEE
		}
	}
	if r.Idle() && r.Held() != 0 {
		t.Fatalf("an idle Reader holds %d bytes", r.Held())
	}
	return events, 0, r.Idle()
}

// codeOf is the close code of an error of the package.
func codeOf(t testing.TB, err error) int {
	t.Helper()
	var e *ws.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v (%T) is no *ws.Error", err, err)
	}
	if e.Reason == "" || len(e.Reason) > ws.MaxCloseReason {
		t.Fatalf("reason %q does not fit a close frame", e.Reason)
	}
	return e.Code
}

// bytewise cuts b into single bytes.
func bytewise(b []byte) [][]byte {
	out := make([][]byte, len(b))
	for i := range b {
		out[i] = b[i : i+1]
	}
	return out
}
