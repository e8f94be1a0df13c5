package protocol_test

import (
	"strings"
	"testing"

	"github.com/livetopics/live/internal/protocol"
)

func TestSplitAnswersInboundVectors(t *testing.T) {
	for _, v := range vectors(t, "inbound.json") {
		t.Run(v.Name, func(t *testing.T) {
			var e protocol.Envelope
			err := protocol.Split(v.frame(t), &e)
			if v.Error != "" {
				wantError(t, err, v.Error)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := e.TopicString(); got != v.Topic {
				t.Errorf("topic %q, want %q", got, v.Topic)
			}
			if got := string(e.DataOrNull()); got != v.Data {
				t.Errorf("data %s, want %s", got, v.Data)
			}
		})
	}
}

func wantError(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil {
		t.Fatalf("taken, want it refused: %s", text)
	}
	if err.Error() != text {
		t.Errorf("error  %s\nwant   %s", err, text)
	}
}

func TestSplitGivesMembersAsTheyCame(t *testing.T) {
	const frame = `{"id": "\u0041" , "op":{"a":[1, 2]},"topic":"\u0074","data": 1.0 }`
	var e protocol.Envelope
	if err := protocol.Split([]byte(frame), &e); err != nil {
		t.Fatal(err)
	}
	for _, m := range []struct {
		name, want string
		got        []byte
	}{
		{"id", `"\u0041"`, e.ID},
		{"op", `{"a":[1, 2]}`, e.Op},
		{"topic", `"\u0074"`, e.Topic},
		{"data", `1.0`, e.Data},
	} {
		if string(m.got) != m.want {
			t.Errorf("%s is %s, want %s", m.name, m.got, m.want)
		}
	}
}

func TestSplitLeavesAbsentMembersNil(t *testing.T) {
	e := protocol.Envelope{Data: []byte("1"), Op: []byte("1"), ID: []byte("1"), Unknown: []byte("x")}
	if err := protocol.Split([]byte(`{"topic":"t"}`), &e); err != nil {
		t.Fatal(err)
	}
	if e.Data != nil || e.Op != nil || e.ID != nil || e.Unknown != nil {
		t.Errorf("members of an earlier frame are left: %q", e)
	}
}

func TestSplitReportsTheFirstUnknownMember(t *testing.T) {
	for _, c := range []struct{ frame, want string }{
		{`{"topic":"t","data":1}`, ""},
		{`{"topic":"t","since":null,"data":1,"last":5}`, "since"},
		{`{"topic":"t","s\u0069nce":null}`, `s\u0069nce`},
		{`{"\u0074\u006f\u0070\u0069\u0063s":[],"topic":"t"}`, `\u0074\u006f\u0070\u0069\u0063s`},
	} {
		var e protocol.Envelope
		if err := protocol.Split([]byte(c.frame), &e); err != nil {
			t.Fatal(err)
		}
		if string(e.Unknown) != c.want {
			t.Errorf("%s: unknown is %q, want %q", c.frame, e.Unknown, c.want)
		}
	}
}

func TestSplitReportsAnUnknownMemberWithAnEmptyName(t *testing.T) {
	var e protocol.Envelope
	if err := protocol.Split([]byte(`{"":1,"topic":"t"}`), &e); err != nil {
		t.Fatal(err)
	}
	if e.Unknown == nil || len(e.Unknown) != 0 {
		t.Errorf("unknown is %#v, want an empty name, which is not nil", e.Unknown)
	}
}

func TestSplitTakesAnOperationWithoutTopic(t *testing.T) {
	var e protocol.Envelope
	if err := protocol.Split([]byte(`{"op":"ping","id":8}`), &e); err != nil {
		t.Fatal(err)
	}
	if got := e.TopicString(); got != "" {
		t.Errorf("topic %q, want none", got)
	}
}

func TestSplitRefusesMembersGivenTwice(t *testing.T) {
	for _, name := range []string{"topic", "data", "id"} {
		member := `"` + name + `":null`
		frame := "{" + member + "," + member + "}"
		var e protocol.Envelope
		err := protocol.Split([]byte(frame), &e)
		if err == nil || !strings.Contains(err.Error(), `member "`+name+`" given again`) {
			t.Errorf("%s: error %v", frame, err)
		}
	}
}

// Only ParseOperation knows the id that the refusal of such a frame carries.
func TestSplitLeavesTheMembersOfAnOperationToItsParser(t *testing.T) {
	for _, c := range []struct{ frame, topic string }{
		{`{"topic":7,"op":"publish"}`, ""},
		{`{"topic":{"a":1},"op":"publish"}`, ""},
		{`{"op":"publish","topic":""}`, ""},
		{`{"op":"publish","topic":"\ud83d"}`, ""},
		{`{"op":"publish","topic":"` + strings.Repeat("a", 256) + `"}`, ""},
		{`{"topic":"a","topic":"b","op":"publish"}`, "a"},
		{`{"op":"publish","data":1,"data":2,"id":1,"id":1,"op":"publish"}`, ""},
		{`{"op":null}`, ""},
	} {
		var e protocol.Envelope
		if err := protocol.Split([]byte(c.frame), &e); err != nil {
			t.Errorf("%s: %v", c.frame, err)
		}
		if got := e.TopicString(); got != c.topic {
			t.Errorf("%s: topic %q, want %q", c.frame, got, c.topic)
		}
	}
}

func TestSplitRefusesBrokenJSONOfAnOperationToo(t *testing.T) {
	for _, c := range []struct{ frame, text string }{
		{`{"op":"ping",}`, "not valid JSON at byte 13: a member name in double quotes is expected"},
		{`{"op":"ping"} x`, "not valid JSON at byte 14: nothing may follow the value"},
		{`{"op":"ping","id":1,"id":1,}`, `member "id" given again at byte 20: give it once`},
		{`{"op":"ping","id":1,"id":1}x`, `member "id" given again at byte 20: give it once`},
	} {
		var e protocol.Envelope
		wantError(t, protocol.Split([]byte(c.frame), &e), c.text)
	}
}

func TestSplitRefusesFrameCutAtAnyByte(t *testing.T) {
	const frame = `{"topic":"t\u00e9é","data":{"a":[1.5e+3,true,false,null,"\n",{}],"b":[]},"x":-0}`
	var e protocol.Envelope
	for n := range len(frame) {
		if err := protocol.Split([]byte(frame[:n]), &e); err == nil {
			t.Errorf("taken: %s", frame[:n])
		}
	}
	if err := protocol.Split([]byte(frame), &e); err != nil {
		t.Errorf("the whole frame: %v", err)
	}
}

func TestAppendingToDataDoesNotWriteToTheFrame(t *testing.T) {
	frame := []byte(`{"topic":"t","data":1}`)
	var e protocol.Envelope
	if err := protocol.Split(frame, &e); err != nil {
		t.Fatal(err)
	}
	_ = append(e.DataOrNull(), "23"...)
	if string(frame) != `{"topic":"t","data":1}` {
		t.Errorf("the frame became %s", frame)
	}
}

func TestNullForMissingDataIsTheCallersOwn(t *testing.T) {
	var e protocol.Envelope
	copy(e.DataOrNull(), "1234")
	if got := string(e.DataOrNull()); got != "null" {
		t.Errorf("data is %s after a caller wrote to its own", got)
	}
}

func TestSplitAllocatesNothing(t *testing.T) {
	for _, frame := range []string{
		`{"topic":"chat:room1","data":{"text":"Hello"},"other":[[1,2],{"a":"é"}]}`,
		`{"\u0074opic":"\u0074","data":"\u0074"}`,
	} {
		b := []byte(frame)
		var e protocol.Envelope
		if n := testing.AllocsPerRun(100, func() {
			if err := protocol.Split(b, &e); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", frame, n)
		}
	}
}

func TestTopicStringAllocatesOnlyTheString(t *testing.T) {
	for _, topic := range []string{`"chat:room1"`, `"\u0074\u0074\u0074"`} {
		e := protocol.Envelope{Topic: []byte(topic)}
		var s string
		if n := testing.AllocsPerRun(100, func() { s = e.TopicString() }); n > 1 {
			t.Errorf("%s: %v allocations for %q", topic, n, s)
		}
	}
}
