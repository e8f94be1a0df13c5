package live_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/livetopics/live"
)

func TestPublishAndSendCopyTheData(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{QueueSize: 1000})
		c, s := r.pair(t)
		r.subscribe(t, s, "n")
		buf := make([]byte, 3)
		for i := range 200 {
			copy(buf, `"a"`)
			buf[1] = byte('a' + i%26)
			var err error
			if i%2 == 0 {
				err = r.server.Publish("n", buf)
			} else {
				err = s.Send(live.Message{Topic: "n", Data: buf})
			}
			if err != nil {
				t.Fatal(err)
			}
			copy(buf, `"!"`)
		}
		for i := range 200 {
			c.want(t, "n", `"`+string(rune('a'+i%26))+`"`)
		}
	})
}

func TestDataTravelsAsItIs(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{QueueSize: 1000})
		c, s := r.pair(t)
		r.subscribe(t, s, "n")
		for _, data := range []string{
			`null`, `true`, `0`, `-1.5e300`, `123456789012345678901234567890`, `""`, `"é 😀 \u0000 \ud83d\ude00"`, `"</script>&"`,
			`[]`, `{}`, `{"b":1,"a":2,"b":3}`, `[1, 2 ,3]`, `{"text": "Hello everyone!"}`, `"` + strings.Repeat("x", 70_000) + `"`,
		} {
			r.publish(t, "n", data)
			c.want(t, "n", data)
		}
	})
}

func TestLineEndsBetweenTokensAreLeftOut(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c, s := r.pair(t)
		r.subscribe(t, s, "n")
		r.publish(t, "n", "\r\n{\r\n\t\"a\": [\n1,\n2],\r\"b\": \"x\\r\\n\"}\n")
		s.Send(live.Message{Topic: "n", Data: []byte("[1,\n2]\n")})
		c.want(t, "n", "{\t\"a\": [1,2],\"b\": \"x\\r\\n\"}", "[1,2]")
	})
}

func TestInvalidDataIsRefusedLoggedAndSentToNobody(t *testing.T) {
	for name, data := range map[string]string{
		"empty": "", "space": " \n", "no JSON": "hello", "two values": "1 2", "open": `{"a":1`, "half": `{"a"`, "comma": "[1,]",
		"single quotes": "{'a':1}", "leading zero": "01", "NaN": "NaN", "byte order mark": "\ufeff1",
		"raw control character": "\"a\nb\"", "invalid UTF-8": "\"\xff\"", "overlong UTF-8": "\"\xc0\xaf\"", "surrogate in UTF-8": "\"\xed\xa0\x80\"",
		"nested too deep": strings.Repeat("[", 513) + strings.Repeat("]", 513), "a million levels": strings.Repeat("[", 1_000_000),
	} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				r := serve(t, kind, live.Options{})
				c, s := r.pair(t)
				r.subscribe(t, s, "n:topic")
				if err := r.server.Publish("n:topic", []byte(data)); !errors.Is(err, live.ErrInvalidData) {
					t.Errorf("Publish: %v, want ErrInvalidData", err)
				}
				if !r.log.has("level=WARN", "publish", "n:topic") {
					t.Error("it was not logged")
				}
				if data != "" { // which Send takes for null
					if err := s.Send(live.Message{Topic: "n", Data: []byte(data)}); !errors.Is(err, live.ErrInvalidData) {
						t.Errorf("Send: %v, want ErrInvalidData", err)
					}
				}
				r.publish(t, "n:topic", `"end"`)
				c.want(t, "n:topic", `"end"`)
				if got := r.server.Stats().Published; got != 1 {
					t.Errorf("%d publications were counted, want 1", got)
				}
			})
		})
	}
}

var invalidTopics = map[string]string{
	"empty": "", "empty segment": "a::b", "first segment empty": ":a", "last segment empty": "a:", "space": "a b", "tab": "a\tb",
	"line end": "a\nb", "DEL": "a\x7f", "no-break space": "a\u00a0b", "C1 control": "a\u0085b", "star": "chat:*", "brace": "chat:{room}",
	"invalid UTF-8": "a\xff", "256 bytes": strings.Repeat("a", 256), "reserved": "$live:x", "the dollar alone": "$",
}

func TestInvalidTopicsAreRefusedAndLogged(t *testing.T) {
	for name, topic := range invalidTopics {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				r := serve(t, kind, live.Options{})
				_, s := r.pair(t)
				for verb, err := range map[string]error{
					"publish":     r.server.Publish(topic, []byte("1")),
					"subscribe":   r.server.Subscribe(s, topic),
					"unsubscribe": r.server.Unsubscribe(s, topic),
				} {
					if !errors.Is(err, live.ErrInvalidTopic) {
						t.Errorf("%s: %v, want ErrInvalidTopic", verb, err)
					}
					if !r.log.has("level=WARN", "refused to "+verb, "invalid topic") {
						t.Errorf("%s: it was not logged", verb)
					}
				}
				if s.Topics(); len(s.Topics()) != 0 {
					t.Errorf("subscribed to %q", s.Topics())
				}
			})
		})
	}
}

func TestValidTopicsAreTaken(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c, s := r.pair(t)
		for _, topic := range []string{"a", "chat:room:42", "über:日本:😀", "a$b", "a:$b", `quote"and\`, strings.Repeat("a", 255), "a/b.c-d_e~f@g"} {
			r.subscribe(t, s, topic)
			r.publish(t, topic, "1")
			got := c.next(t)
			if !strings.HasSuffix(got, `,"data":1}`) {
				t.Errorf("%q: received %s", topic, got)
			}
		}
	})
}

func TestSendTakesAnyTopicOfTheRightLength(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c, s := r.pair(t)
		for _, topic := range []string{"notification", "with space", "$system", "chat:*", strings.Repeat("a", 255)} {
			if err := s.Send(live.Message{Topic: topic}); err != nil {
				t.Errorf("Send to %q: %v", topic, err)
			}
			c.want(t, topic, "null")
		}
		for _, topic := range []string{"", "\xff", strings.Repeat("a", 256)} {
			if err := s.Send(live.Message{Topic: topic}); !errors.Is(err, live.ErrInvalidTopic) {
				t.Errorf("Send to %q: %v, want ErrInvalidTopic", topic, err)
			}
		}
		if !r.log.has("level=WARN", "refused to send") {
			t.Error("it was not logged")
		}
	})
}

func TestASessionOfAnotherServerIsRefused(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r, other := serve(t, kind, live.Options{}), serve(t, kind, live.Options{})
		_, s := other.pair(t)
		for _, session := range []*live.Session{nil, s} {
			if err := r.server.Subscribe(session, "x"); !errors.Is(err, live.ErrWrongServer) {
				t.Errorf("Subscribe: %v, want ErrWrongServer", err)
			}
			if err := r.server.Unsubscribe(session, "x"); !errors.Is(err, live.ErrWrongServer) {
				t.Errorf("Unsubscribe: %v, want ErrWrongServer", err)
			}
		}
	})
}

func TestPublishWithoutSubscribersIsFine(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.publish(t, "nobody", string(bytes.Repeat([]byte("1"), 100)))
		if s := r.server.Stats(); s.Published != 1 || s.Topics != 0 {
			t.Errorf("Stats: %+v", s)
		}
	})
}

func TestAMessageIsItsEnvelopeInJSONToo(t *testing.T) {
	b, err := json.Marshal(live.Message{Topic: "a:b", Data: json.RawMessage(`{"c":[1]}`)})
	if err != nil || string(b) != envelope("a:b", `{"c":[1]}`) {
		t.Errorf("%s, %v", b, err)
	}
}
