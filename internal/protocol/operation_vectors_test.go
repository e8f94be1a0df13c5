package protocol_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/livetopics/live/internal/protocol"
)

// operationVector is a case of testdata/operations.json.
type operationVector struct {
	Name, Frame string
	Want        *wantedOperation
	ID, Error   string // of the refusal
}

// wantedOperation is what a frame is taken as, defaults left out.
type wantedOperation struct {
	Op, ID, Topic string
	Batch         bool
	Topics        []wantedTopic
	Since         *protocol.Position
	Last, Limit   int
	Before        uint64
	Presence      bool
	Data          *string
	Token         string
	Key, Dedup    string
	Echo          *bool
}

type wantedTopic struct {
	Topic string
	Since *protocol.Position
}

func operationVectors(t testing.TB) []operationVector {
	t.Helper()
	var all struct {
		About string
		Cases []operationVector
	}
	readVectors(t, "operations.json", &all)
	return all.Cases
}

// readVectors decodes a file of vectors, none of whose members may be unknown.
func readVectors(t testing.TB, file string, all any) {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(all); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// operation is the parsed form of w.
func (w *wantedOperation) operation() protocol.Operation {
	op := protocol.Operation{
		Kind:  kindOf(w.Op),
		ID:    textOrNil(w.ID),
		Topic: w.Topic, Batch: w.Batch,
		Since: w.Since, Last: w.Last, Limit: w.Limit, Before: w.Before,
		Presence: w.Presence, Token: w.Token, Key: w.Key, Dedup: w.Dedup,
		NoEcho: w.Echo != nil && !*w.Echo,
	}
	if w.Data != nil {
		op.Data = []byte(*w.Data)
	}
	for _, t := range w.Topics {
		op.Topics = append(op.Topics, protocol.TopicRequest(t))
	}
	return op
}

func textOrNil(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}

// kindOf is the kind of that name, 0 for none.
func kindOf(name string) protocol.Kind {
	for k := protocol.KindSubscribe; k <= protocol.KindPing; k++ {
		if k.String() == name {
			return k
		}
	}
	return 0
}
