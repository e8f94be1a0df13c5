package protocol_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/livetopics/live/internal/protocol"
)

// document is docs/protocol.md: what it shows must be what the package does.
func document(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var block = regexp.MustCompile("(?ms)^```json (client|server|operation)\n(.*?)^```$")

// examples are the frames that the document shows, one on each line of a block: those
// of the founding envelope from client and server, and operations.
func examples(t *testing.T, from string) (frames []string) {
	t.Helper()
	for _, m := range block.FindAllStringSubmatch(document(t), -1) {
		if m[1] == from {
			frames = append(frames, strings.Split(strings.TrimSpace(m[2]), "\n")...)
		}
	}
	if len(frames) < 3 {
		t.Fatalf("%d frames of the kind %s found in the document", len(frames), from)
	}
	return frames
}

func TestDocumentsClientFramesAreTaken(t *testing.T) {
	for _, frame := range examples(t, "client") {
		var e protocol.Envelope
		if err := protocol.Split([]byte(frame), &e); err != nil {
			t.Errorf("%s: %v", frame, err)
		}
	}
}

func TestDocumentsOperationsAreTaken(t *testing.T) {
	shown := map[protocol.Kind]bool{}
	for _, frame := range examples(t, "operation") {
		var op protocol.Operation
		if err := protocol.ParseOperation([]byte(frame), &op); err != nil {
			t.Errorf("%s: %v", frame, err)
		}
		shown[op.Kind] = true
	}
	for k := protocol.KindSubscribe; k <= protocol.KindPing; k++ {
		if !shown[k] {
			t.Errorf("the document's list of operations lacks %v", k)
		}
	}
}

func TestDocumentsServerFramesAreMadeSo(t *testing.T) {
	for _, frame := range examples(t, "server") {
		var m struct {
			Topic string
			Data  json.RawMessage
			Seq   uint64
			Key   string
		}
		if err := json.Unmarshal([]byte(frame), &m); err != nil {
			t.Fatalf("%s: %v", frame, err)
		}
		got := protocol.AppendPublication(nil, m.Topic, m.Data, m.Seq, m.Key)
		if m.Topic == "error" {
			var e struct{ Code, Message string }
			if err := json.Unmarshal(m.Data, &e); err != nil {
				t.Fatal(err)
			}
			got = protocol.AppendErrorMessage(nil, e.Code, e.Message)
		}
		if string(got) != frame {
			t.Errorf("the document has %s\nthe server sends  %s", frame, got)
		}
	}
}

var refusedRow = regexp.MustCompile("(?m)^\\| `([^`|]+)` \\| `([^`|]+)` \\|$")

func TestDocumentsRefusalsAreGivenSo(t *testing.T) {
	_, section, _ := strings.Cut(document(t), "### What is refused\n")
	rows := refusedRow.FindAllStringSubmatch(section, -1)
	if len(rows) < 10 {
		t.Fatalf("%d refused frames found in the document", len(rows))
	}
	for _, row := range rows {
		var e protocol.Envelope
		err := protocol.Split([]byte(row[1]), &e)
		if err == nil && e.Op != nil {
			err = protocol.ParseOperation([]byte(row[1]), new(protocol.Operation))
		}
		wantError(t, err, row[2])
	}
}

func TestDocumentHasEveryCode(t *testing.T) {
	text := document(t)
	for _, code := range []string{
		protocol.CodeBadRequest, protocol.CodeUnauthorized, protocol.CodeForbidden,
		protocol.CodeNotFound, protocol.CodeTooLarge, protocol.CodeRateLimited,
		protocol.CodeConflict, protocol.CodeUnavailable, protocol.CodeInternal,
	} {
		if !strings.Contains(text, "| `"+code+"` |") {
			t.Errorf("the table of codes lacks %s", code)
		}
	}
}

func TestDocumentNamesTheErrorFramesMessageAsItIs(t *testing.T) {
	var e protocol.Envelope
	err := protocol.Split([]byte(`{"data":1}`), &e)
	if err == nil || !strings.Contains(document(t), `"message":"`+err.Error()+`"`) {
		t.Errorf("the document's error frame has another message than: %v", err)
	}
}
