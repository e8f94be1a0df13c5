package ws_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

func BenchmarkMask(b *testing.B) {
	for _, size := range []int{5, 85, 170, 1024, 64 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			buf := make([]byte, size)
			b.SetBytes(int64(size))
			for b.Loop() {
				ws.Mask(buf, testKey, 0)
			}
		})
	}
}

func BenchmarkUTF8(b *testing.B) {
	for _, c := range []struct{ name, unit string }{
		{"ascii", `{"topic":"chat:room1","data":{"text":"Hello"}}`},
		{"mixed", `{"topic":"chat:room1","data":{"text":"Grüße aus Köln"}}`},
		{"cjk", "日本語の文章です。"},
	} {
		for _, size := range []int{85, 64 << 10} {
			text := []byte(strings.Repeat(c.unit, 1+size/len(c.unit)))[:size]
			b.Run(fmt.Sprintf("%s/%d", c.name, size), func(b *testing.B) {
				b.SetBytes(int64(size))
				for b.Loop() {
					var u ws.UTF8Checker
					u.Check(text)
				}
			})
		}
	}
}

// BenchmarkReader reads one message in one frame, as it comes in one read (whole)
// or in reads of 64 KiB.
func BenchmarkReader(b *testing.B) {
	for _, c := range []struct {
		name string
		op   ws.Opcode
		size int
	}{
		{"text", ws.OpText, 5},
		{"text", ws.OpText, 85},
		{"text", ws.OpText, 1024},
		{"binary", ws.OpBinary, 85},
		{"binary", ws.OpBinary, 64 << 10},
		{"binary", ws.OpBinary, 16 << 20},
		{"text", ws.OpText, 16 << 20},
	} {
		b.Run(fmt.Sprintf("%s/%d", c.name, c.size), func(b *testing.B) {
			// The mask is all zeros, so that the input stays what it is.
			in := frame(fin|byte(c.op), bytes.Repeat([]byte("x"), c.size))
			size := len(in) - c.size
			copy(in[size-4:], make([]byte, 4))
			copy(in[size:], bytes.Repeat([]byte("x"), c.size))
			b.SetBytes(int64(c.size))
			b.ReportAllocs()
			var r ws.Reader
			for b.Loop() {
				rest := in
				for len(rest) > 0 {
					n := min(len(rest), 64<<10+14)
					if _, _, _, err := r.Next(rest[:n], 16<<20); err != nil {
						b.Fatal(err)
					}
					rest = rest[n:]
				}
			}
		})
	}
}

// BenchmarkReaderBatch reads 100 small messages from one input.
func BenchmarkReaderBatch(b *testing.B) {
	in := bytes.Repeat(join([]byte{0x81, 0x80 | 85, 0, 0, 0, 0}, bytes.Repeat([]byte("x"), 85)), 100)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	var r ws.Reader
	for b.Loop() {
		for rest := in; len(rest) > 0; {
			var err error
			if _, _, rest, err = r.Next(rest, 1<<20); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkAppendFrame(b *testing.B) {
	payload := make([]byte, 170)
	dst := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		dst = ws.AppendFrame(dst[:0], ws.OpText, payload)
	}
}
