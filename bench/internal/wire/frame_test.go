package wire_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/livetopics/live/bench/internal/wire"
)

func TestFramesOfEveryLengthComeBack(t *testing.T) {
	for _, length := range []int{0, 1, 7, 8, 125, 126, 166, 65535, 65536, 1 << 20} {
		payload := bytes.Repeat([]byte("x"), length)
		plain := wire.Append(nil, wire.OpText, payload)
		if want := length + wire.HeadLength(length); len(plain) != want {
			t.Errorf("a payload of %d bytes makes a frame of %d, not %d", length, len(plain), want)
		}
		f, n, err := wire.Next(plain)
		if err != nil || n != len(plain) || f.Op != wire.OpText || !bytes.Equal(f.Payload, payload) {
			t.Errorf("a frame of %d bytes came back as %d bytes, opcode %d, error %v", length, n, f.Op, err)
		}
		masked := wire.AppendMasked(nil, wire.OpPing, payload, 0xA1B2C3D4)
		f, n, err = wire.Next(masked)
		if err != nil || n != len(masked) || f.Op != wire.OpPing || !f.Masked {
			t.Fatalf("a masked frame of %d bytes came back as %d bytes, opcode %d, error %v", length, n, f.Op, err)
		}
		if wire.Mask(f.Payload, f.Key); !bytes.Equal(f.Payload, payload) {
			t.Errorf("a masked payload of %d bytes changed on the way", length)
		}
	}
}

func TestNextWaitsForTheWholeFrame(t *testing.T) {
	for _, length := range []int{0, 5, 166, 65536} {
		whole := wire.AppendMasked(nil, wire.OpText, make([]byte, length), 1)
		for cut := range min(len(whole), 300) {
			if _, n, err := wire.Next(whole[:cut]); n != 0 || err != nil {
				t.Fatalf("%d of %d bytes gave a frame of %d bytes, error %v", cut, len(whole), n, err)
			}
		}
	}
}

func TestNextRefusesWhatTheGeneratorCannotCount(t *testing.T) {
	for name, c := range map[string]struct {
		bytes []byte
		want  error
	}{
		"reserved bit":   {[]byte{0xC1, 0}, wire.ErrReserved},
		"first fragment": {[]byte{0x01, 0}, wire.ErrFragmented},
		"last fragment":  {[]byte{0x80, 0}, wire.ErrFragmented},
		"huge":           {[]byte{0x81, 127, 0, 0, 0, 0, 0, 16, 0, 1}, wire.ErrTooLong},
	} {
		if _, _, err := wire.Next(c.bytes); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestFramesAreReadWithoutAllocation(t *testing.T) {
	stream := wire.Append(nil, wire.OpText, make([]byte, 166))
	out := make([]byte, 0, 256)
	if n := testing.AllocsPerRun(100, func() {
		_, _, _ = wire.Next(stream)
		out = wire.AppendMasked(out[:0], wire.OpText, stream, 7)
	}); n != 0 {
		t.Errorf("one frame in and out allocates %v times", n)
	}
}

// FuzzNext checks that reading a stream never panics, never takes bytes that are not there, and that a
// frame it took means the same when written again.
func FuzzNext(f *testing.F) {
	f.Add(wire.Append(nil, wire.OpText, []byte(`{"topic":"room","data":{}}`)))
	f.Fuzz(func(t *testing.T, b []byte) {
		for len(b) > 0 {
			frame, n, err := wire.Next(b)
			if err != nil || n == 0 {
				return
			}
			payload := bytes.Clone(frame.Payload)
			var again []byte
			if frame.Masked {
				wire.Mask(payload, frame.Key)
				again = wire.AppendMasked(nil, frame.Op, payload, frame.Key)
			} else {
				again = wire.Append(nil, frame.Op, payload)
			}
			second, m, err := wire.Next(again)
			if err != nil || m != len(again) || second.Op != frame.Op || !bytes.Equal(second.Payload, frame.Payload) {
				t.Fatalf("a frame of %d bytes, written again, reads as %d bytes, error %v", n, m, err)
			}
			b = b[n:]
		}
	})
}
