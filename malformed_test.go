package live_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/livetopics/live"
)

// echo answers every message with itself.
func echo(_ context.Context, s *live.Session, topic string, data []byte) {
	s.Send(live.Message{Topic: topic, Data: data})
}

// wantErrorFrame receives the answer to a malformed frame.
func wantErrorFrame(t *testing.T, c *client) (message string) {
	t.Helper()
	var got struct {
		Topic string `json:"topic"`
		Data  struct{ Code, Message string }
	}
	s := c.next(t)
	if err := json.Unmarshal([]byte(s), &got); err != nil || got.Topic != "error" || got.Data.Code != "bad_request" || got.Data.Message == "" {
		t.Fatalf(`received %s (%v), want {"topic":"error","data":{"code":"bad_request","message":…}}`, s, err)
	}
	return got.Data.Message
}

func TestAMalformedFrameIsAnsweredAndTheSessionLives(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "no JSON": "hello", "array": "[1]", "string": `"x"`, "no topic": `{"data":1}`, "topic a number": `{"topic":1}`,
		"topic null": `{"topic":null,"data":1}`, "topic empty": `{"topic":"","data":1}`, "topic too long": envelope(strings.Repeat("a", 256), "1"),
		"topic twice": `{"topic":"a","topic":"b"}`, "data twice": `{"topic":"a","data":1,"data":2}`, "topic twice, escaped": `{"topic":"a","\u0074opic":"b"}`,
		"half a surrogate": `{"topic":"\ud83d"}`, "trailing": `{"topic":"a"}x`, "open": `{"topic":"a"`, "data broken": `{"topic":"a","data":{]}`,
		"nested too deep": envelope("a", strings.Repeat("[", 513)+strings.Repeat("]", 513)),
	} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				r := serve(t, kind, live.Options{OnMessage: echo})
				c := r.dial(t)
				c.text(t, text)
				c.send(t, "after", "1")
				wantErrorFrame(t, c)
				c.want(t, "after", "1")
			})
		})
	}
}

func TestUnusualFramesAreTaken(t *testing.T) {
	for name, c := range map[string]struct{ text, topic, data string }{
		"no data":         {`{"topic":"a"}`, "a", "null"},
		"members swapped": {`{"data":1,"topic":"a"}`, "a", "1"},
		"white space":     {" \t\r\n{ \"topic\" : \"a\" ,\n\"data\" : [ 1 ] } ", "a", "[ 1 ]"},
		"unknown member":  {`{"topic":"a","more":{"topic":"b"},"data":1}`, "a", "1"},
		"escapes":         {`{"topic":"\u0061\/b","data":"\u00e9"}`, "a/b", `"\u00e9"`},
		"any topic":       {`{"topic":"with space *","data":1}`, "with space *", "1"},
		"huge number":     {`{"topic":"a","data":1e999999}`, "a", "1e999999"},
		"data's members":  {`{"topic":"a","data":{"b":1,"b":2}}`, "a", `{"b":1,"b":2}`},
		"512 levels":      {envelope("a", strings.Repeat("[", 512)+strings.Repeat("]", 512)), "a", strings.Repeat("[", 512) + strings.Repeat("]", 512)},
	} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				r := serve(t, kind, live.Options{OnMessage: echo})
				peer := r.dial(t)
				peer.text(t, c.text)
				peer.want(t, c.topic, c.data)
			})
		})
	}
}

func TestRepeatedAbuseClosesWith4501(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnMessage: echo})
		c := r.dial(t)
		for range 15 {
			c.text(t, "x")
			wantErrorFrame(t, c)
		}
		c.send(t, "good", "1") // begins the count anew
		c.want(t, "good", "1")
		for range 16 {
			c.text(t, "x")
			wantErrorFrame(t, c)
		}
		c.wantClose(t, live.CloseDisconnected)
		wantCode(t, within(t, "OnClose", r.left).err, 4501)
	})
}

func TestBinaryFramesAreMalformed(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnMessage: echo})
		c := r.dial(t)
		c.raw(t, frame(true, opBinary, envelope("a", "1")))
		if message := wantErrorFrame(t, c); !strings.Contains(message, "binary") {
			t.Errorf("the message is %q", message)
		}
		c.send(t, "after", "1")
		c.want(t, "after", "1")
	})
}

func TestWithoutOnMessageEveryMessageIsAnError(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c, s := r.pair(t)
		c.send(t, "a", "1")
		wantErrorFrame(t, c)
		s.Send(live.Message{Topic: "still", Data: []byte("true")})
		c.want(t, "still", "true")
	})
}

func TestDataOfAMessageIsTheHooksToKeep(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		const n = 100
		kept := make(chan []byte, n)
		r := serve(t, kind, live.Options{OnMessage: func(_ context.Context, _ *live.Session, _ string, data []byte) {
			kept <- data
		}})
		c := r.dial(t)
		for _, d := range numbers(n) {
			c.send(t, "a", d)
		}
		var all [][]byte
		for range n {
			all = append(all, within(t, "a message", kept))
		}
		for i, d := range numbers(n) {
			_ = append(all[i], "overwritten"...)
			if string(all[i]) != d {
				t.Fatalf("message %d became %s", i, all[i])
			}
		}
	})
}
