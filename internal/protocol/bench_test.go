package protocol_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/livetopics/live/internal/protocol"
)

// benchFrames are a chat message, an order of many small values, and long texts.
var benchFrames = []struct{ name, frame string }{
	{"85B", `{"topic":"chat:room:42","data":{"user":"ada","text":"good morning everyone, I'm up"}}`},
	{"1.1KiB", `{"topic":"order:7","data":{"lines":[` + strings.Repeat(`{"id":1234,"name":"a line of an order","price":12.5,"tags":["a","b"],"ok":true},`, 13) + `null]}}`},
	{"1KiB-text", `{"topic":"doc:7","data":{"text":"` + strings.Repeat("The quick brown fox. ", 47) + `"}}`},
	{"1KiB-japanese", `{"topic":"doc:7","data":{"text":"` + strings.Repeat("実時間の発行と購読。", 33) + `"}}`},
}

func BenchmarkSplit(b *testing.B) {
	for _, f := range benchFrames {
		frame := []byte(f.frame)
		run(b, f.name+"/live", len(frame), func() error {
			var e protocol.Envelope
			return protocol.Split(frame, &e)
		})
		run(b, f.name+"/encoding-json", len(frame), func() error {
			var e struct {
				Topic string
				Data  json.RawMessage
			}
			return json.Unmarshal(frame, &e)
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	for _, f := range benchFrames {
		data := []byte(f.frame)
		run(b, f.name, len(data), func() error { return protocol.Check(data) })
	}
}

func BenchmarkAppendMessage(b *testing.B) {
	room := make([]byte, 0, 4096)
	for _, f := range benchFrames {
		data := []byte(f.frame)
		run(b, f.name, len(data), func() error {
			room = protocol.AppendMessage(room[:0], "chat:room:42", data)
			return nil
		})
	}
}

func run(b *testing.B, name string, size int, step func() error) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(size))
		for b.Loop() {
			if err := step(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
