package protocol_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/livetopics/live/internal/protocol"
)

// benchFrames are a chat message and a document, as libraries.md of any project
// would have them: 85 bytes and about 1.1 KiB.
var benchFrames = []struct{ name, frame string }{
	{"85B", `{"op":"publish","id":17,"topic":"chat:room:42","data":{"text":"hi there, all of you"}}`[:0] + `{"topic":"chat:room:42","data":{"user":"ada","text":"good morning everyone, I am up"}}`},
	{"1.1KiB", `{"topic":"doc:7","data":{"items":[` + strings.Repeat(`{"id":1234,"name":"a line of an order","price":12.5,"tags":["a","b"],"ok":true},`, 13) + `null]}}`},
	{"text1KiB", `{"topic":"doc:7","data":{"text":"` + strings.Repeat("The quick brown fox. ", 50) + `"}}`},
	{"cjk1KiB", `{"topic":"doc:7","data":{"text":"` + strings.Repeat("実時間の発行と購読。", 35) + `"}}`},
}

func BenchmarkSplit(b *testing.B) {
	for _, bb := range benchFrames {
		frame := []byte(bb.frame)
		b.Run(bb.name+"/live", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(frame)))
			var e protocol.Envelope
			for b.Loop() {
				if err := protocol.Split(frame, &e); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(bb.name+"/encoding-json", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(frame)))
			for b.Loop() {
				var e struct {
					Topic string
					Data  json.RawMessage
				}
				if err := json.Unmarshal(frame, &e); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
