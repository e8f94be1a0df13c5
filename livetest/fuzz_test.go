package livetest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"github.com/livetopics/live/internal/ws"
	"github.com/livetopics/live/livetest"
)

// FuzzReadFrame reads what a server sends, and anything else without harm.
func FuzzReadFrame(f *testing.F) {
	for _, n := range []int{0, 1, 125, 126, 127, 1<<16 - 1, 1 << 16} {
		f.Add(ws.AppendFrame(nil, ws.OpText, make([]byte, n)))
	}
	f.Add([]byte{0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255})
	f.Add([]byte{0x01, 1, 'a'})
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 10 && in[1] == 127 && in[6] > 0 {
			in[6] = 0 // not 16 MiB and more of memory for each
		}
		op, payload, err := livetest.ReadFrame(bufio.NewReader(bytes.NewReader(in)))
		if err != nil {
			return
		}
		again, rest, err := livetest.ReadFrame(bufio.NewReader(bytes.NewReader(ws.AppendFrame(nil, op, payload))))
		if err != nil || again != op || !bytes.Equal(rest, payload) {
			t.Errorf("%v %q became %v %q, %v", op, payload, again, rest, err)
		}
	})
}

// FuzzAppendMasked writes what a server reads.
func FuzzAppendMasked(f *testing.F) {
	for _, n := range []int{0, 1, 125, 126, 1<<16 - 1, 1 << 16} {
		f.Add(make([]byte, n))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		var r ws.Reader
		ev, ok, rest, err := r.Next(livetest.AppendMasked(nil, ws.OpBinary, payload), math.MaxInt)
		if err != nil || !ok || len(rest) > 0 || ev.Op != ws.OpBinary || !bytes.Equal(ev.Payload, payload) {
			t.Errorf("%q was read as %v %q, %v", payload, ev.Op, ev.Payload, err)
		}
	})
}

// FuzzParseFrame takes anything, and keeps it.
func FuzzParseFrame(f *testing.F) {
	for _, s := range []string{
		`{"topic":"a","data":1,"seq":2,"key":"k"}`, `{"event":"welcome","data":{}}`, `{"id":"x","result":{}}`,
		`{"id":1,"error":{"code":"forbidden","message":"no"}}`, `null`, `[]`, `{"seq":-1}`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		frame := livetest.ParseFrame(in)
		if frame.Raw != string(in) {
			t.Errorf("%q became %q", in, frame.Raw)
		}
		if _, ok := frame.IsReply(); ok && frame.Result == nil && frame.Error == nil {
			t.Errorf("%q is no reply", in)
		}
	})
}

// FuzzSameJSON compares it with what encoding/json makes of both.
func FuzzSameJSON(f *testing.F) {
	for _, pair := range [][2]string{
		{`{"a":1,"b":[true,null]}`, ` {"b":[true,null],"a":1.0}`},
		{`"\u0041"`, `"A"`},
		{`9007199254740993`, `9007199254740992`},
		{`-0`, `0`},
		{`1e2`, `100`},
		{`{"a":1}`, `{"a":1,"b":2}`},
		{`[]`, `{}`},
		{`1`, `"1"`},
		{`1 2`, `1`},
	} {
		f.Add([]byte(pair[0]), []byte(pair[1]))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		same := livetest.SameJSON(a, b)
		if livetest.SameJSON(b, a) != same {
			t.Errorf("%s and %s: it depends on which is first", a, b)
		}
		if json.Valid(a) && !livetest.SameJSON(a, a) {
			t.Errorf("%s is not itself", a)
		}
		var x, y any
		if json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && same && !reflect.DeepEqual(x, y) {
			t.Errorf("%s and %s are not the same", a, b)
		}
	})
}
