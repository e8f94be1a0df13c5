package ws_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// boundaries are the payload lengths at which the form of a header changes, and
// the heads they must have.
var boundaries = []struct {
	n    int
	head string // of a final text frame to the client
}{
	{0, "8100"},
	{1, "8101"},
	{125, "817d"},
	{126, "817e007e"},
	{127, "817e007f"},
	{65535, "817effff"},
	{65536, "817f0000000000010000"},
	{16 << 20, "817f0000000001000000"},
}

func TestHeaderHasTheShortestLengthForm(t *testing.T) {
	for _, c := range boundaries {
		got := ws.AppendHeader(nil, ws.OpText, c.n)
		if hex.EncodeToString(got) != c.head {
			t.Errorf("header for %d bytes is %x, want %s", c.n, got, c.head)
		}
		if size := ws.HeaderSize(c.n); size != len(got) {
			t.Errorf("HeaderSize(%d) = %d, want %d", c.n, size, len(got))
		}
	}
}

func TestHeaderGoesRightBeforeAPayloadThatLeftRoom(t *testing.T) {
	for _, c := range boundaries {
		buf := make([]byte, ws.MaxHeaderSize+c.n)
		start := ws.MaxHeaderSize - ws.HeaderSize(c.n)
		if n := ws.PutHeader(buf[start:], ws.OpText, c.n); n != ws.HeaderSize(c.n) {
			t.Errorf("PutHeader for %d bytes = %d, want %d", c.n, n, ws.HeaderSize(c.n))
		}
		want := ws.AppendFrame(nil, ws.OpText, make([]byte, c.n))
		if !bytes.Equal(buf[start:], want) {
			t.Errorf("frame of %d bytes made in place differs from an appended one", c.n)
		}
	}
}

func TestPutHeaderPanicsBeforeItWritesBeyondShortBuffer(t *testing.T) {
	for _, n := range []int{0, 126, 65536} {
		short := make([]byte, ws.HeaderSize(n)-1)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("PutHeader for %d bytes accepted %d bytes of room", n, len(short))
				}
			}()
			ws.PutHeader(short, ws.OpText, n)
		}()
		if !bytes.Equal(short, make([]byte, len(short))) {
			t.Errorf("PutHeader for %d bytes wrote %x before it panicked", n, short)
		}
	}
}

// RFC 6455, section 5.7: the examples that a server sends.
func TestFramesToTheClientAreTheRFCsExamples(t *testing.T) {
	for _, c := range []struct {
		name    string
		op      ws.Opcode
		payload []byte
		want    string // the frame's start, in hex
	}{
		{"a single-frame text message", ws.OpText, []byte("Hello"), "810548656c6c6f"},
		{"a ping", ws.OpPing, []byte("Hello"), "890548656c6c6f"},
		{"256 bytes of binary", ws.OpBinary, make([]byte, 256), "827e0100"},
		{"64 KiB of binary", ws.OpBinary, make([]byte, 65536), "827f0000000000010000"},
	} {
		got := ws.AppendFrame(nil, c.op, c.payload)
		want, _ := hex.DecodeString(c.want)
		if !bytes.HasPrefix(got, want) || !bytes.HasSuffix(got, c.payload) {
			t.Errorf("%s: got %.20x…, want %s…", c.name, got, c.want)
		}
		if len(got) != ws.HeaderSize(len(c.payload))+len(c.payload) {
			t.Errorf("%s: frame has %d bytes", c.name, len(got))
		}
	}
}

func TestAppendFrameKeepsWhatIsThereAndAllocatesNothingInRoom(t *testing.T) {
	dst := append(make([]byte, 0, 256), "before"...)
	payload := []byte("payload")
	if n := testing.AllocsPerRun(100, func() { dst = ws.AppendFrame(dst[:6], ws.OpBinary, payload) }); n != 0 {
		t.Errorf("AppendFrame made %v allocations", n)
	}
	if want := "before\x82\x07payload"; string(dst) != want {
		t.Errorf("got %q, want %q", dst, want)
	}
}

func TestOpcodesAreNamed(t *testing.T) {
	for op, want := range map[ws.Opcode]string{
		ws.OpContinuation: "continuation", ws.OpText: "text", ws.OpBinary: "binary",
		ws.OpClose: "close", ws.OpPing: "ping", ws.OpPong: "pong", 0x3: "opcode 0x3", 0xF: "opcode 0xF",
	} {
		if op.String() != want {
			t.Errorf("opcode %d is named %q, want %q", byte(op), op, want)
		}
		if op.Control() != (op >= 8) {
			t.Errorf("%v: Control() = %v", op, op.Control())
		}
	}
}
