package protocol_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"
	"unsafe"

	"github.com/livetopics/live/internal/protocol"
)

// What is taken is what encoding/json and the rules, written a second time, take, and
// means the same.
func FuzzParseOperation(f *testing.F) {
	for _, v := range operationVectors(f) {
		f.Add([]byte(v.Frame))
	}
	addVectors(f)
	f.Fuzz(func(t *testing.T, frame []byte) {
		want, ok := operation(frame)
		var op protocol.Operation
		err := protocol.ParseOperation(frame, &op)
		if (err == nil) != ok {
			t.Fatalf("ParseOperation says %v; taken should be %v: %q", err, ok, frame)
		}
		wantPlaceWithin(t, err, frame)
		wantWithin(t, op.ID, frame)
		wantWithin(t, op.Data, frame)
		if err != nil {
			wantID(t, op.ID, frame)
			return
		}
		if len(op.Topics) == 0 {
			op.Topics = nil
		}
		if !reflect.DeepEqual(op, want) {
			t.Errorf("taken as %+v\nwant %+v\n%q", op, want, frame)
		}
		var e protocol.Envelope
		if err := protocol.Split(frame, &e); err != nil || e.Op == nil {
			t.Errorf("Split says %v: %q", err, frame)
		}
	})
}

// wantWithin checks that part is of frame's own memory.
func wantWithin(t *testing.T, part, frame []byte) {
	t.Helper()
	if part == nil {
		return
	}
	from := uintptr(unsafe.Pointer(unsafe.SliceData(part))) - uintptr(unsafe.Pointer(unsafe.SliceData(frame)))
	if from+uintptr(cap(part)) > uintptr(cap(frame)) || len(part) != cap(part) {
		t.Errorf("%q is no part of the frame", part)
	}
}

// wantID checks the id of a refused frame: that of the frame, where it is good JSON
// with one good id.
func wantID(t *testing.T, id, frame []byte) {
	t.Helper()
	if !utf8.Valid(frame) || !json.Valid(frame) || depth(frame) > protocol.MaxDepth {
		return
	}
	all, _ := rawMembers(frame)
	var ids [][]byte
	for _, m := range all {
		if m.name == "id" {
			ids = append(ids, m.value)
		}
	}
	o := oracle{ok: true}
	var want []byte
	if len(ids) == 1 && o.id(ids[0]) != nil && o.ok {
		want = ids[0]
	}
	if string(id) != string(want) || (id == nil) != (want == nil) {
		t.Errorf("id %q, want %q: %q", id, want, frame)
	}
}
