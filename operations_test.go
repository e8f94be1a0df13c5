package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/livetopics/live"
)

func TestRequestsAreAnsweredInOrder(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnCall: func(_ context.Context, _ *live.Session, _ string, data []byte) (any, error) {
			return json.RawMessage(data), nil
		}})
		r.server.Topic("a", remembering(10))
		c := r.speaker(t)
		var ids []string
		for n := range 200 {
			op := `{"op":"ping"}`
			switch n % 4 {
			case 1:
				op = fmt.Sprintf(`{"op":"call","topic":"echo","data":%d}`, n)
			case 2:
				op = `{"op":"publish","topic":"a","data":1}`
			case 3:
				op = `{"op":"nothing like this"}`
			}
			ids = append(ids, c.start(t, op))
		}
		for n, id := range ids {
			if got := c.await(t, id); n%4 == 1 && string(got.Result) != fmt.Sprint(n) {
				t.Fatalf("call %d was answered with %s", n, got.Result)
			} else if (got.Error != nil) != (n%4 == 3) {
				t.Fatalf("request %d was answered with %s and %v", n, got.Result, got.Error)
			}
		}
	})
}

func TestAReplyHasTheIDAsItWasWritten(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c := r.speaker(t)
		for _, id := range []string{"0", "-1.5e3", `"x"`, `"a\u00e9\n"`, `""`, "12345678901234567890"} {
			c.text(t, `{"op":"ping","id":`+id+`}`)
			c.wantFrames(t, `{"id":`+id+`,"result":{}}`)
		}
	})
}

func TestWithoutAnIDOnlyErrorsAreAnswered(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("a", open)
		c := r.speaker(t)
		c.text(t, `{"op":"subscribe","topic":"a"}`)
		c.text(t, `{"op":"ping"}`)
		c.text(t, `{"op":"publish","topic":"a","data":1}`)
		c.wantFrames(t, envelope("a", "1"))
		c.text(t, `{"op":"publish","topic":"b","data":1}`)
		if got := c.next(t); !strings.HasPrefix(got, `{"error":{"code":"forbidden",`) {
			t.Errorf("received %s", got)
		}
	})
}

func TestWrongRequestsAreAnsweredAndNeverIgnored(t *testing.T) {
	long := strings.Repeat("x", 256)
	for name, op := range map[string]string{
		"unknown operation":         `{"op":"jump"}`,
		"operation is no string":    `{"op":1}`,
		"unknown member":            `{"op":"ping","now":true}`,
		"member of another":         `{"op":"ping","topic":"a"}`,
		"no topic":                  `{"op":"subscribe"}`,
		"topic and topics":          `{"op":"subscribe","topic":"a","topics":{"a":null}}`,
		"topic of a wrong type":     `{"op":"subscribe","topic":1}`,
		"long topic":                `{"op":"subscribe","topic":"` + long + `"}`,
		"invalid topic":             `{"op":"subscribe","topic":"a::b"}`,
		"reserved topic":            `{"op":"subscribe","topic":"$presence:a"}`,
		"reserved topic, leaving":   `{"op":"unsubscribe","topic":"$presence:a"}`,
		"invalid wildcard":          `{"op":"subscribe","topic":"a:**:b"}`,
		"publish to a wildcard":     `{"op":"publish","topic":"a:*","data":1}`,
		"history of a wildcard":     `{"op":"history","topic":"a:*"}`,
		"presence of a wildcard":    `{"op":"presence","topic":"a:*"}`,
		"publish without data":      `{"op":"publish","topic":"a"}`,
		"long key":                  `{"op":"publish","topic":"a","data":1,"key":"` + long + `"}`,
		"control character in key":  `{"op":"publish","topic":"a","data":1,"key":"\u0001"}`,
		"long dedup":                `{"op":"publish","topic":"a","data":1,"dedup":"` + long + `"}`,
		"echo is no boolean":        `{"op":"publish","topic":"a","data":1,"echo":0}`,
		"since without epoch":       `{"op":"subscribe","topic":"a","since":{"seq":1}}`,
		"since is negative":         `{"op":"subscribe","topic":"a","since":{"epoch":"e","seq":-1}}`,
		"since and last":            `{"op":"subscribe","topic":"a","since":{"epoch":"e","seq":1},"last":1}`,
		"last of nothing":           `{"op":"subscribe","topic":"a","last":0}`,
		"limit is a fraction":       `{"op":"history","topic":"a","limit":1.5}`,
		"before and since":          `{"op":"history","topic":"a","before":5,"since":{"epoch":"e","seq":1}}`,
		"auth without a token":      `{"op":"auth","data":{}}`,
		"auth with another token":   `{"op":"auth","data":{"token":1}}`,
		"call without a name":       `{"op":"call"}`,
		"a list of names to subscr": `{"op":"subscribe","topics":["a"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, kind socketKind) {
				r := serve(t, kind, live.Options{})
				r.server.Topic("a", remembering(5))
				c := r.speaker(t)
				c.refused(t, live.CodeBadRequest, op)
				c.wantNothing(t)
			})
		})
	}
}

func TestMalformedOperationsInARowCloseTheSession(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c := r.speaker(t)
		for range 15 {
			c.refused(t, live.CodeBadRequest, `{"op":"jump"}`)
		}
		c.do(t, `{"op":"ping"}`) // and the row begins anew
		for range 16 {
			c.start(t, `{"op":"jump"}`)
		}
		c.wantCloseFrame(t, 4501)
	})
}

func TestAClientsPublishOperationDoesNotReachOnMessage(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		got := make(chan string, 10)
		r := serve(t, kind, live.Options{OnMessage: func(_ context.Context, _ *live.Session, topic string, _ []byte) { got <- topic }})
		r.server.Topic("a", open)
		c := r.speaker(t)
		c.join(t, "a")
		c.do(t, `{"op":"publish","topic":"a","data":1}`)
		c.text(t, envelope("message", "1"))
		c.wantFrames(t, envelope("a", "1"))
		if topic := within(t, "OnMessage", got); topic != "message" {
			t.Errorf("OnMessage had %s", topic)
		}
	})
}

func TestAFrameWithoutOpIsAnErrorWhereThereIsNoOnMessage(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c := r.speaker(t)
		c.text(t, envelope("a", "1"))
		wantErrorFrame(t, c.client)
	})
}

func TestPublishAnswersWithThePosition(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("plain", open)
		r.server.Topic("kept", remembering(5))
		c := r.speaker(t)
		if got := c.do(t, `{"op":"publish","topic":"plain","data":1}`); got != "{}" {
			t.Errorf("without history the result is %s", got)
		}
		epoch := c.join(t, "kept").Epoch
		for n := 1; n <= 3; n++ {
			want := fmt.Sprintf(`{"epoch":%q,"seq":%d}`, epoch, n)
			if got := c.do(t, fmt.Sprintf(`{"op":"publish","topic":"kept","data":%d}`, n)); got != want {
				t.Errorf("the result is %s, want %s", got, want)
			}
		}
		c.wantNumbered(t, "kept", 1, 3)
	})
}

func TestAKeyGoesAlongWithThePublication(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("plain", open)
		r.server.Topic("kept", remembering(5))
		c := r.speaker(t)
		c.join(t, "plain")
		epoch := c.join(t, "kept").Epoch
		c.do(t, `{"op":"publish","topic":"plain","data":1,"key":"a\"b"}`)
		c.do(t, `{"op":"publish","topic":"kept","data":2,"key":"k"}`)
		kept := `{"topic":"kept","data":2,"seq":1,"key":"k"}`
		c.wantFrames(t, `{"topic":"plain","data":1,"key":"a\"b"}`, kept)
		again := r.speaker(t)
		again.rejoin(t, "kept", epoch, 0)
		again.wantFrames(t, kept)
	})
}

func TestLineBreaksOutsideOfStringsAreTakenOut(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("kept", remembering(5))
		c := r.speaker(t)
		epoch := c.join(t, "kept").Epoch
		c.do(t, "{\"op\":\"publish\",\"topic\":\"kept\",\"data\":{\r\n\"a\":\n\"b\\n\"}}")
		want := `{"topic":"kept","data":{"a":"b\n"},"seq":1}`
		c.wantFrames(t, want)
		again := r.speaker(t)
		again.rejoin(t, "kept", epoch, 0)
		again.wantFrames(t, want)
	})
}

func TestCalls(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnCall: func(_ context.Context, s *live.Session, name string, data []byte) (any, error) {
			switch name {
			case "echo":
				return map[string]any{"data": json.RawMessage(data), "me": s.ID() != ""}, nil
			case "nothing":
				return nil, nil
			case "unencodable":
				return make(chan int), nil
			case "refused":
				return nil, live.Errorf(live.CodeNotFound, "no such thing")
			}
			return nil, errors.New("secret")
		}})
		c := r.speaker(t)
		for op, want := range map[string]string{
			`{"op":"call","topic":"echo","data":[1]}`: `{"data":[1],"me":true}`,
			`{"op":"call","topic":"echo"}`:            `{"data":null,"me":true}`,
			`{"op":"call","topic":"nothing"}`:         `null`,
		} {
			if got := c.do(t, op); got != want {
				t.Errorf("%s was answered with %s, want %s", op, got, want)
			}
		}
		if got := c.refused(t, live.CodeNotFound, `{"op":"call","topic":"refused"}`); got != "no such thing" {
			t.Errorf("the client was told %q", got)
		}
		c.refused(t, live.CodeInternal, `{"op":"call","topic":"unencodable"}`)
		if got := c.refused(t, live.CodeInternal, `{"op":"call","topic":"other"}`); strings.Contains(got, "secret") {
			t.Errorf("the client was told %q", got)
		}
		if !r.log.has("secret") {
			t.Error("the error was not logged")
		}
	})
}

func TestCallsAndTokensWithoutTheirHooksAreNotFound(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		c := r.speaker(t)
		c.refused(t, live.CodeNotFound, `{"op":"call","topic":"x"}`)
		c.refused(t, live.CodeNotFound, `{"op":"auth","data":{"token":"x"}}`)
	})
}

// page is the result of a history operation.
type page struct {
	Epoch        string
	Seq          uint64
	Publications []struct {
		Seq  uint64
		Data json.RawMessage
		Key  string
		At   int64
	}
}

// history asks for a page, and returns the numbers in it.
func (c *speaker) history(t *testing.T, more string) (p page, seqs string) {
	t.Helper()
	decode(t, c.do(t, `{"op":"history","topic":"h"`+more+`}`), &p)
	list := []uint64{}
	for _, e := range p.Publications {
		list = append(list, e.Seq)
		if string(e.Data) != fmt.Sprint(e.Seq) || e.At == 0 {
			t.Fatalf("entry %+v", e)
		}
	}
	return p, fmt.Sprint(list)
}

func TestHistoryPages(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{})
		r.server.Topic("h", remembering(6))
		r.server.Topic("none", open)
		r.publishNumbers(t, "h", 1, 10) // 5 to 10 are left
		c := r.speaker(t)
		p, all := c.history(t, "")
		if all != "[5 6 7 8 9 10]" || p.Seq != 10 || p.Epoch == "" {
			t.Errorf("the history is %s, %+v", all, p)
		}
		since := func(epoch string, seq int) string {
			return fmt.Sprintf(`,"since":{"epoch":%q,"seq":%d}`, epoch, seq)
		}
		for more, want := range map[string]string{
			`,"limit":2`:                     "[9 10]",
			`,"before":8`:                    "[5 6 7]",
			`,"before":8,"limit":2`:          "[6 7]",
			`,"before":5`:                    "[]",
			`,"before":100,"limit":1`:        "[10]",
			since(p.Epoch, 7):                "[8 9 10]",
			since(p.Epoch, 7) + `,"limit":1`: "[8]",
			since(p.Epoch, 10):               "[]",
			since(p.Epoch, 99):               "[]",
			since(p.Epoch, 0):                all,
			since("of another time", 8):      all,
		} {
			if _, got := c.history(t, more); got != want {
				t.Errorf("history%s is %s, want %s", more, got, want)
			}
		}
		c.refused(t, live.CodeNotFound, `{"op":"history","topic":"none"}`)
	})
}

func TestOperationsAreCounted(t *testing.T) {
	onEachSocket(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{OnMessage: echo})
		c := r.speaker(t)
		c.do(t, `{"op":"ping"}`)
		c.refused(t, live.CodeBadRequest, `{"op":"jump"}`)
		c.send(t, "a", "1")
		c.wantFrames(t, envelope("a", "1"))
		if n := r.server.Stats().Operations; n != 2 {
			t.Errorf("%d operations are counted, want 2", n)
		}
	})
}

func TestAClientThatSendsNoOpSeesNoEvent(t *testing.T) {
	onTLSToo(t, func(t *testing.T, kind socketKind) {
		r := serve(t, kind, live.Options{Timeouts: live.Timeouts{Presence: -1}})
		rule := remembering(10)
		rule.Presence = true
		r.server.Topic("a", rule)
		plain, s := r.pair(t)
		r.subscribe(t, s, "a")
		other, os := r.speakerPair(t)
		other.enter(t, `{"op":"subscribe","topic":"a","presence":true}`)
		r.publish(t, "a", "1")
		if _, err := r.server.PublishWith(t.Context(), "a", []byte("2"), live.PublishOptions{Key: "k"}); err != nil {
			t.Fatal(err)
		}
		os.Close()
		other.wantCloseFrame(t, 1000)
		within(t, "OnClose", r.left)
		s.Send(live.Message{Topic: "end"})
		for _, want := range []string{`{"topic":"a","data":1,"seq":1}`, `{"topic":"a","data":2,"seq":2,"key":"k"}`, envelope("end", "null")} {
			if got := plain.next(t); got != want {
				t.Errorf("received %s, want %s", got, want)
			}
		}
	})
}
