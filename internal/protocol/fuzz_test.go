package protocol_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/livetopics/live/internal/protocol"
)

// addVectors makes seeds of the inbound vectors.
func addVectors(f *testing.F) {
	for _, v := range vectors(f, "inbound.json") {
		f.Add(v.frame(f))
	}
}

func FuzzCheckTakesWhatEncodingJSONTakesInUTF8(f *testing.F) {
	addVectors(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		err := protocol.Check(b)
		if want := isValue(b); (err == nil) != want {
			t.Fatalf("Check says %v; taken should be %v: %q", err, want, b)
		}
		wantPlaceWithin(t, err, b)
	})
}

func FuzzSplitGivesWhatEncodingJSONGives(f *testing.F) {
	addVectors(f)
	f.Fuzz(func(t *testing.T, frame []byte) {
		values, unknown, want := members(frame)
		var e protocol.Envelope
		err := protocol.Split(frame, &e)
		if (err == nil) != want {
			t.Fatalf("Split says %v; taken should be %v: %q", err, want, frame)
		}
		wantPlaceWithin(t, err, frame)
		if err != nil {
			return
		}
		for name, got := range map[string][]byte{"topic": e.Topic, "data": e.Data, "op": e.Op, "id": e.ID} {
			if !bytes.Equal(got, values[name]) || (got == nil) != (values[name] == nil) {
				t.Errorf("%s is %q, want %q", name, got, values[name])
			}
		}
		if (e.Unknown == nil) != (unknown == nil) {
			t.Errorf("unknown is %q, want %v", e.Unknown, unknown)
		}
		var topic string
		if goodTopic(e.Topic) && json.Unmarshal(e.Topic, &topic) != nil || e.TopicString() != topic {
			t.Errorf("topic %q, want %q", e.TopicString(), topic)
		}
	})
}

// wantPlaceWithin checks that an error points into b, or to its end, and that its
// text is fit for an error frame.
func wantPlaceWithin(t *testing.T, err error, b []byte) {
	t.Helper()
	if err == nil {
		return
	}
	e := err.(*protocol.Error)
	if e.Offset < 0 || e.Offset > len(b) || e.Error() == "" || !utf8.ValidString(e.Error()) {
		t.Errorf("offset %d in %d bytes: %q", e.Offset, len(b), e.Error())
	}
}

func FuzzSplitTakesWhatAppendMessageMakes(f *testing.F) {
	for _, v := range vectors(f, "outbound.json") {
		f.Add(v.topic(f), []byte(v.Data))
	}
	f.Fuzz(func(t *testing.T, topic string, data []byte) {
		if protocol.CheckTopic(topic) != nil || protocol.Check(data) != nil {
			return
		}
		frame := protocol.AppendMessage(nil, topic, data)
		var e protocol.Envelope
		if err := protocol.Split(frame, &e); err != nil {
			t.Fatalf("%v: %q", err, frame)
		}
		if got := e.TopicString(); got != topic {
			t.Errorf("topic %q, want %q", got, topic)
		}
		var got, want any
		wantErr := json.Unmarshal(data, &want)
		if err := json.Unmarshal(e.Data, &got); (err == nil) != (wantErr == nil) || !equalJSON(t, got, want) {
			t.Errorf("data %q, want %q", e.Data, data)
		}
		if bytes.ContainsAny(frame, "\r\n") || !utf8.Valid(frame) {
			t.Errorf("not one line of UTF-8: %q", frame)
		}
	})
}

func equalJSON(t *testing.T, a, b any) bool {
	t.Helper()
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	if errX != nil || errY != nil {
		t.Fatal(errX, errY)
	}
	return bytes.Equal(x, y)
}

func FuzzAppendStringIsWhatEncodingJSONDecodes(f *testing.F) {
	for _, v := range vectors(f, "outbound.json") {
		f.Add(v.topic(f) + v.Message)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := protocol.AppendString(nil, s)
		if err := protocol.Check(b); err != nil {
			t.Fatalf("%v: %q", err, b)
		}
		var got string
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if want := string([]rune(s)); got != want { // the conversion makes U+FFFD of bytes that are not UTF-8
			t.Errorf("decoded %q, want %q", got, want)
		}
	})
}
