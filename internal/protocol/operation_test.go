package protocol_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/livetopics/live/internal/protocol"
)

func TestParseOperationAnswersVectors(t *testing.T) {
	for _, v := range operationVectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			op := protocol.Operation{Topic: "of an earlier frame", NoEcho: true}
			err := protocol.ParseOperation([]byte(v.Frame), &op)
			if v.Want == nil {
				wantError(t, err, v.Error)
				if want := (protocol.Operation{Kind: op.Kind, ID: textOrNil(v.ID)}); !reflect.DeepEqual(op, want) {
					t.Errorf("refused, and left as %+v\nwant %+v", op, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(op.Topics) == 0 {
				op.Topics = nil // an empty batch has an empty slice or none
			}
			if want := v.Want.operation(); !reflect.DeepEqual(op, want) {
				t.Errorf("taken as %+v\nwant %+v", op, want)
			}
		})
	}
}

func TestEveryOperationsFrameIsSplitAsWell(t *testing.T) {
	for _, v := range operationVectors(t) {
		var e protocol.Envelope
		err := protocol.Split([]byte(v.Frame), &e)
		if v.Want != nil && (err != nil || e.Op == nil) {
			t.Errorf("%s: %v", v.Frame, err)
		}
	}
}

func TestKindsAreNamedAsInFrames(t *testing.T) {
	want := []string{"", "subscribe", "unsubscribe", "publish", "history", "presence", "call", "auth", "ping", "", ""}
	for k, name := range want {
		if got := protocol.Kind(k).String(); got != name {
			t.Errorf("kind %d is named %q, want %q", k, got, name)
		}
	}
	if got := protocol.KindPing; got != 8 {
		t.Errorf("KindPing is %d, want 8", got)
	}
}

func TestRefusalOfAnOperationTellsItsKindWhereItIsKnown(t *testing.T) {
	for _, c := range []struct {
		frame string
		want  protocol.Kind
	}{
		{`{"op":"publish","topic":7}`, protocol.KindPublish},
		{`{"extra":7,"op":"ping"}`, protocol.KindPing},
		{`{"op":"follow"}`, 0},
	} {
		var op protocol.Operation
		if err := protocol.ParseOperation([]byte(c.frame), &op); err == nil || op.Kind != c.want {
			t.Errorf("%s: error %v, kind %q", c.frame, err, op.Kind)
		}
	}
}

func TestParseOperationTakesThousandsOfTopicsInOrder(t *testing.T) {
	const n = 5000
	var asObject, asArray []string
	for i := range n {
		asObject = append(asObject, fmt.Sprintf(`"chat:%d":{"epoch":"e%d","seq":%d}`, i, i, i))
		asArray = append(asArray, fmt.Sprintf(`"chat:%d"`, i))
	}
	var sub, unsub protocol.Operation
	if err := protocol.ParseOperation([]byte(`{"op":"subscribe","topics":{`+strings.Join(asObject, ",")+`}}`), &sub); err != nil {
		t.Fatal(err)
	}
	if err := protocol.ParseOperation([]byte(`{"op":"unsubscribe","topics":[`+strings.Join(asArray, ",")+`]}`), &unsub); err != nil {
		t.Fatal(err)
	}
	if len(sub.Topics) != n || len(unsub.Topics) != n {
		t.Fatalf("%d and %d topics, want %d", len(sub.Topics), len(unsub.Topics), n)
	}
	for i := range n {
		name, position := fmt.Sprintf("chat:%d", i), protocol.Position{Epoch: fmt.Sprintf("e%d", i), Seq: uint64(i)}
		if got := sub.Topics[i]; got.Topic != name || *got.Since != position {
			t.Fatalf("topic %d of subscribe is %s since %v", i, got.Topic, got.Since)
		}
		if got := unsub.Topics[i]; got.Topic != name || got.Since != nil {
			t.Fatalf("topic %d of unsubscribe is %s since %v", i, got.Topic, got.Since)
		}
	}
}

func TestParseOperationTakesATokenOf16KiB(t *testing.T) {
	for _, c := range []struct {
		name, token, want string
	}{
		{"plain", strings.Repeat("x", 16<<10), ""},
		{"once decoded", strings.Repeat(`\u0061`, 16<<10), ""},
		{"a byte too many", strings.Repeat("x", 16<<10+1), "data.token is longer than 16384 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var op protocol.Operation
			err := protocol.ParseOperation([]byte(`{"op":"auth","data":{"token":"`+c.token+`"}}`), &op)
			if c.want != "" {
				wantError(t, err, c.want)
			} else if err != nil || len(op.Token) != 16<<10 {
				t.Errorf("a token of %d bytes, error %v", len(op.Token), err)
			}
		})
	}
}

func TestParseOperationRefusesAFrameCutAtAnyByte(t *testing.T) {
	const frame = `{"op":"subscribe","topics":{"t\u00e9":{"epoch":"é","seq":12},"b":null},"last":5,"presence":true,"id":"x"}`
	var op protocol.Operation
	for n := range len(frame) {
		if err := protocol.ParseOperation([]byte(frame[:n]), &op); err == nil {
			t.Errorf("taken: %s", frame[:n])
		}
	}
	if err := protocol.ParseOperation([]byte(frame), &op); err != nil {
		t.Errorf("the whole frame: %v", err)
	}
}

func TestAppendingToAnOperationsPartsDoesNotWriteToTheFrame(t *testing.T) {
	const frame = `{"op":"publish","id":1,"topic":"t","data":1}`
	b := []byte(frame)
	var op protocol.Operation
	if err := protocol.ParseOperation(b, &op); err != nil {
		t.Fatal(err)
	}
	_, _ = append(op.ID, "23"...), append(op.Data, "23"...)
	if string(b) != frame {
		t.Errorf("the frame became %s", b)
	}
}

func TestOperationsErrorsHoldNothingOfTheFrame(t *testing.T) {
	const mark = "<script>"
	for _, frame := range []string{
		`{"op":"<script>"}`, `{"op":"ping","<script>":1}`, `{"op":"ping","id":{"<script>":1}}`, `{"op":"ping","id":1<script>}`,
		`{"op":"publish","topic":"t","data":1,"key":"<script>\n"}`, `{"op":"subscribe","topics":{"<script>":1}}`,
		`{"op":"subscribe","topics":{"<script>":null,"<script>":null}}`, `{"op":"subscribe","topic":"t","since":{"<script>":1}}`,
	} {
		var op protocol.Operation
		if err := protocol.ParseOperation([]byte(frame), &op); err == nil || strings.Contains(err.Error(), mark) {
			t.Errorf("%s: error %v", frame, err)
		}
	}
}

func TestParseOperationAllocatesOnlyWhatItGives(t *testing.T) {
	var many []string
	for i := range 100 {
		many = append(many, fmt.Sprintf(`"chat:%d":{"epoch":"e","seq":1}`, i))
	}
	for _, c := range []struct {
		name, frame string
		most        float64
	}{
		{"ping", `{"op":"ping","id":8}`, 0},
		{"escaped ping", `{"\u006fp":"\u0070ing","\u0069d":"\u0041"}`, 0},
		{"publish", `{"op":"publish","id":3,"topic":"chat:room1","data":{"text":"Hello"},"echo":false}`, 1},
		{"publish with a key", `{"op":"publish","id":3,"topic":"chat:room1","data":{"text":"Hello"},"key":"k\u0031"}`, 2},
		{"subscribe", `{"op":"subscribe","id":1,"topic":"chat:room1","presence":true}`, 1},
		{"subscribe since", `{"op":"subscribe","id":1,"topic":"chat:room1","since":{"epoch":"e","seq":7}}`, 3},
		{"unsubscribe from two", `{"op":"unsubscribe","id":1,"topics":["chat:1","chat:2"]}`, 3},
		{"history", `{"op":"history","id":1,"topic":"chat:room1","before":9,"limit":50}`, 1},
		// The names and epochs; the topics, the positions; a set of names in a few parts.
		{"subscribe to 100", `{"op":"subscribe","id":1,"topics":{` + strings.Join(many, ",") + `}}`, 2*100 + 2 + 20},
	} {
		frame := []byte(c.frame)
		var op protocol.Operation
		if n := testing.AllocsPerRun(100, func() {
			if err := protocol.ParseOperation(frame, &op); err != nil {
				t.Fatal(err)
			}
		}); n > c.most {
			t.Errorf("%s: %v allocations, want %v", c.name, n, c.most)
		}
	}
}

func TestParseOperationAllocatesOnlyItsErrorForARefusal(t *testing.T) {
	for _, frame := range []string{
		`{"op":"follow"}`, `{"op":"ping","extra":1}`, `{"op":"publish","topic":7}`, `{"op":"subscribe","topics":{"":null}}`,
	} {
		b := []byte(frame)
		var op protocol.Operation
		if n := testing.AllocsPerRun(100, func() { _ = protocol.ParseOperation(b, &op) }); n != 1 {
			t.Errorf("%s: %v allocations", frame, n)
		}
	}
}
