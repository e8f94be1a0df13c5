package ws_test

import (
	"bytes"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// maskByByte is RFC 6455, section 5.3, word for word.
func maskByByte(b []byte, key [4]byte, pos int) {
	for i := range b {
		b[i] ^= key[(pos+i)%4]
	}
}

func TestMaskIsTheRFCsForEveryLengthPositionAndAlignment(t *testing.T) {
	src := make([]byte, 300)
	for i := range src {
		src[i] = byte(i * 7)
	}
	for n := range 200 {
		for pos := range 4 {
			for shift := range 8 {
				got, want := bytes.Clone(src), bytes.Clone(src)
				next := ws.Mask(got[shift:shift+n], testKey, pos)
				maskByByte(want[shift:shift+n], testKey, pos)
				if !bytes.Equal(got, want) {
					t.Fatalf("%d bytes from position %d, shifted by %d: wrong, or written beyond the end", n, pos, shift)
				}
				if next != (pos+n)%4 {
					t.Fatalf("%d bytes from position %d: next = %d, want %d", n, pos, next, (pos+n)%4)
				}
			}
		}
	}
}

func TestMaskInPartsIsMaskAtOnce(t *testing.T) {
	want := bytes.Repeat([]byte("some payload, "), 40)
	got := bytes.Clone(want)
	ws.Mask(want, testKey, 0)
	for part := 1; part < 70; part++ {
		parts := bytes.Clone(got)
		pos := 0
		for rest := parts; len(rest) > 0; {
			n := min(part, len(rest))
			pos = ws.Mask(rest[:n], testKey, pos)
			rest = rest[n:]
		}
		if !bytes.Equal(parts, want) {
			t.Fatalf("parts of %d bytes give something else", part)
		}
	}
}

func TestMaskTwiceIsNothing(t *testing.T) {
	b := []byte("Hello, mask")
	ws.Mask(b, testKey, 3)
	ws.Mask(b, testKey, 3)
	if string(b) != "Hello, mask" {
		t.Fatalf("got %q", b)
	}
}

func FuzzMask(f *testing.F) {
	f.Add([]byte("Hello"), []byte{0x37, 0xfa, 0x21, 0x3d}, uint8(0))
	f.Add(bytes.Repeat([]byte{1}, 131), []byte{1, 2, 3, 4}, uint8(3))
	f.Fuzz(func(t *testing.T, b, keyBytes []byte, pos uint8) {
		var key [4]byte
		copy(key[:], keyBytes)
		want := bytes.Clone(b)
		maskByByte(want, key, int(pos))
		if next := ws.Mask(b, key, int(pos)); next != (int(pos)+len(b))%4 {
			t.Fatalf("next = %d", next)
		}
		if !bytes.Equal(b, want) {
			t.Fatalf("got %x, want %x", b, want)
		}
	})
}
