package protocol_test

import (
	"strings"
	"testing"

	"github.com/livetopics/live/internal/protocol"
)

func TestAppendMessageGivesOutboundVectors(t *testing.T) {
	for _, v := range vectors(t, "outbound.json") {
		t.Run(v.Name, func(t *testing.T) {
			var got []byte
			if v.Code != "" {
				got = protocol.AppendErrorMessage([]byte("before"), v.Code, v.Message)
			} else {
				got = protocol.AppendMessage([]byte("before"), v.topic(t), []byte(v.Data))
			}
			if want := "before" + v.Frame; string(got) != want {
				t.Errorf("appended %q\nwant     %q", got, want)
			}
			if err := protocol.Check(got[len("before"):]); err != nil {
				t.Errorf("not a JSON value: %v", err)
			}
		})
	}
}

func TestAppendMessageIsOneLine(t *testing.T) {
	got := protocol.AppendMessage(nil, "a\r\nb", []byte("[\r\n1,\n\n2\r]\r\n"))
	if strings.ContainsAny(string(got), "\r\n") {
		t.Errorf("has a line end: %q", got)
	}
}

func TestMessageSizeIsExactWhereNothingIsEscaped(t *testing.T) {
	for _, c := range []struct{ topic, data string }{
		{"t", "1"}, {"chat:räume", `{"text":"é"}`}, {"t", "null"}, {"t", ""}, {strings.Repeat("t", 255), "[ ]"},
	} {
		got := len(protocol.AppendMessage(nil, c.topic, []byte(c.data)))
		if want := protocol.MessageSize(c.topic, []byte(c.data)); got != want {
			t.Errorf("%q %s: %d bytes, MessageSize says %d", c.topic, c.data, got, want)
		}
	}
}

func TestAppendAllocatesNothingWhereThereIsRoom(t *testing.T) {
	room := make([]byte, 0, 1024)
	data := []byte("{\"text\":\r\n\"Hello\"}")
	for name, appendAll := range map[string]func(){
		"AppendMessage":      func() { protocol.AppendMessage(room, "chat:\"é\"\xff", data) },
		"AppendErrorMessage": func() { protocol.AppendErrorMessage(room, protocol.CodeBadRequest, "no \"topic\"\n") },
		"AppendString":       func() { protocol.AppendString(room, "a\"b\n\xffé") },
		"AppendData":         func() { protocol.AppendData(room, data) },
	} {
		if n := testing.AllocsPerRun(100, appendAll); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestAppendMessageWithRoomOfMessageSizeAllocatesOnce(t *testing.T) {
	data := []byte(`{"text":"Hello"}`)
	var frame []byte
	if n := testing.AllocsPerRun(100, func() {
		frame = protocol.AppendMessage(make([]byte, 0, protocol.MessageSize("chat:room1", data)), "chat:room1", data)
	}); n != 1 {
		t.Errorf("%v allocations for %s", n, frame)
	}
}

func TestAppendDataTakesLineEndsOut(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{"1\n", "1"},
		{"\r\n\r\n1\r\n", "1"},
		{"{\n  \"a\": 1\n}", `{  "a": 1}`},
		{"[\r1,\n2]", "[1,2]"},
		{"[\n1,\r2]", "[1,2]"},
		{"\"\\r\\n\"", `"\r\n"`},
	} {
		before := c.data
		data := []byte(c.data)
		if got := string(protocol.AppendData(nil, data)); got != c.want {
			t.Errorf("%q became %q, want %q", c.data, got, c.want)
		}
		if string(data) != before {
			t.Errorf("the caller's data became %q", data)
		}
	}
}
