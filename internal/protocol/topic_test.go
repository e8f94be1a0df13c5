package protocol_test

import (
	"strings"
	"testing"

	"github.com/livetopics/live/internal/protocol"
	"github.com/livetopics/live/internal/topic"
)

func TestCheckTopicWantsLengthAndUTF8Only(t *testing.T) {
	for _, c := range []struct{ topic, want string }{
		{"t", ""},
		{"not a topic * {x}\x00\n", ""},
		{"日本", ""},
		{strings.Repeat("é", 127) + "a", ""},
		{strings.Repeat("é", 128), "topic is longer than 255 bytes"},
		{"", "topic is empty"},
		{"a\xff", "topic is not valid UTF-8"},
		{"\xed\xa0\x80", "topic is not valid UTF-8"},
	} {
		err := protocol.CheckTopic(c.topic)
		if c.want != "" {
			wantError(t, err, c.want)
		} else if err != nil {
			t.Errorf("%q: %v", c.topic, err)
		}
	}
}

func TestCheckTopicAllocatesNothing(t *testing.T) {
	for _, name := range []string{"chat:room1", "", "\xff"} {
		if n := testing.AllocsPerRun(100, func() { protocol.CheckTopic(name) }); n != 0 {
			t.Errorf("%q: %v allocations", name, n)
		}
	}
}

// The two packages do not know each other, and must not differ.
func TestMaxTopicIsTheLengthOfTheLongestTopic(t *testing.T) {
	if protocol.MaxTopic != topic.MaxLen {
		t.Errorf("MaxTopic is %d, topic.MaxLen %d", protocol.MaxTopic, topic.MaxLen)
	}
}
