package protocol_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/livetopics/live/internal/protocol"
)

func BenchmarkParseOperation(b *testing.B) {
	var topics []string
	for i := range 1000 {
		topics = append(topics, fmt.Sprintf(`"chat:room:%d":{"epoch":"3kTMd9","seq":%d}`, i, 1000+i))
	}
	for _, f := range []struct{ name, frame string }{
		{"ping", `{"op":"ping","id":8}`},
		{"publish", `{"op":"publish","id":3,"topic":"chat:room:42","data":{"user":"ada","text":"good morning everyone, I'm up"}}`},
		{"publish-all", `{"op":"publish","id":3,"topic":"chat:room:42","data":{"x":0.25,"y":0.75},"key":"cursor","dedup":"7f1c","echo":false}`},
		{"subscribe", `{"op":"subscribe","id":1,"topic":"chat:room:42","since":{"epoch":"3kTMd9","seq":1234}}`},
		{"subscribe-1000", `{"op":"subscribe","id":1,"topics":{` + strings.Join(topics, ",") + `}}`},
	} {
		frame := []byte(f.frame)
		run(b, f.name+"/live", len(frame), func() error {
			var op protocol.Operation
			return protocol.ParseOperation(frame, &op)
		})
		run(b, f.name+"/encoding-json", len(frame), func() error {
			var op struct {
				Op, Topic, Key, Dedup string
				ID, Data              json.RawMessage
				Topics                map[string]*protocol.Position
				Since                 *protocol.Position
				Echo                  *bool
			}
			return json.Unmarshal(frame, &op)
		})
	}
}

func BenchmarkAppendPublication(b *testing.B) {
	room := make([]byte, 0, 4096)
	data := []byte(benchFrames[0].frame)
	for _, c := range []struct {
		name string
		seq  uint64
		key  string
	}{{"plain", 0, ""}, {"seq", 1234567, ""}, {"seq-key", 1234567, "cursor"}} {
		run(b, c.name, len(data), func() error {
			room = protocol.AppendPublication(room[:0], "chat:room:42", data, c.seq, c.key)
			return nil
		})
	}
}

func BenchmarkAppendSubscribed(b *testing.B) {
	room := make([]byte, 0, 4096)
	recovered := true
	s := protocol.Subscribed{HasPosition: true, Epoch: "3kTMd9", Seq: 1234, HasHead: true, Head: 1240, Recovered: &recovered}
	run(b, "recovered", 0, func() error {
		room = protocol.AppendSubscribed(room[:0], &s)
		return nil
	})
}
