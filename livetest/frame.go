package livetest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/livetopics/live"
)

// Frame is what the server sent in one text frame: a publication or message, an event,
// or the reply to an operation that SendRaw sent.
type Frame struct {
	Topic string          `json:"topic"` // empty for events of the session, and replies
	Event string          `json:"event"` // empty for publications and replies
	Data  json.RawMessage `json:"data"`  // of a publication or event
	Seq   uint64          `json:"seq"`   // of a publication, on a topic with history
	Key   string          `json:"key"`   // of a publication that was given one

	ID     json.RawMessage `json:"id"`     // of a reply
	Result json.RawMessage `json:"result"` // of a reply
	Error  *live.Error     `json:"error"`  // of a reply that is a refusal

	Raw string `json:"-"` // the whole frame as it came
}

// parseFrame takes apart what came. What is not as it should be has Raw alone.
func parseFrame(payload []byte) Frame {
	var f Frame
	if err := json.Unmarshal(payload, &f); err != nil {
		f = Frame{}
	}
	f.Raw = string(payload)
	return f
}

// isReply reports whether f answers an operation, and the string that is its id.
func (f *Frame) isReply() (id string, ok bool) {
	if f.ID == nil || f.Result == nil && f.Error == nil {
		return "", false
	}
	return id, json.Unmarshal(f.ID, &id) == nil
}

// isMessage reports whether f is a publication or message on the topic.
func (f *Frame) isMessage(topic string) bool {
	return f.Topic == topic && f.Event == "" && f.ID == nil && f.Data != nil
}

// How much of what came a failure shows.
const (
	mostShown      = 10
	mostShownBytes = 300
)

// show lists frames for a failure's message.
func show(frames []Frame) string {
	if len(frames) == 0 {
		return "nothing else came"
	}
	var b strings.Builder
	b.WriteString("what came and was not taken:")
	for i, f := range frames {
		if i == mostShown {
			fmt.Fprintf(&b, "\n\tand %d more", len(frames)-mostShown)
			break
		}
		fmt.Fprintf(&b, "\n\t%s", shorten(f.Raw))
	}
	return b.String()
}

func shorten(s string) string {
	if len(s) <= mostShownBytes {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(s[:mostShownBytes], ""), len(s))
}
