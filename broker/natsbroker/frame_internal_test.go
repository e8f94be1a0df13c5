package natsbroker

import (
	"bytes"
	"testing"

	"github.com/livetopics/live/broker"
)

func TestFramesAreReadAsTheyWereWritten(t *testing.T) {
	for _, m := range []broker.Message{
		{},
		{Data: []byte("1")},
		{Key: "k", Data: []byte(`{"a":1}`)},
		{Origin: "o"},
		{Key: "k", Origin: "o", Data: bytes.Repeat([]byte("x"), 1000)},
	} {
		for _, id := range []uint64{0, 1, ^uint64(0)} {
			var f frame
			b := appendFrame(nil, &m, id, id)
			if !parseFrame(b, &f) || f.id != id || f.sum != id || f.m.Key != m.Key || f.m.Origin != m.Origin || !bytes.Equal(f.m.Data, m.Data) {
				t.Errorf("%+v with %d is read as %+v", m, id, f)
			}
		}
	}
}

// FuzzFrame checks that anything that comes is read or refused, and that what is read
// is written in the same way.
func FuzzFrame(f *testing.F) {
	for _, m := range []broker.Message{{Data: []byte("1")}, {Key: "k", Origin: "o", Data: []byte("2")}} {
		f.Add(appendFrame(nil, &m, 7, 9))
		f.Add(appendFrame(nil, &m, 0, 0))
	}
	f.Add([]byte{})
	f.Add([]byte{64 | hasKey, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var read, again frame
		if !parseFrame(b, &read) {
			return
		}
		m := broker.Message{Key: read.m.Key, Origin: read.m.Origin, Data: read.m.Data}
		if !parseFrame(appendFrame(nil, &m, read.id, read.sum), &again) {
			t.Fatalf("%q is read, and what is written of it is not", b)
		}
		if again.m.Key != read.m.Key || again.m.Origin != read.m.Origin || !bytes.Equal(again.m.Data, read.m.Data) {
			t.Fatalf("%q is read as %+v and then %+v", b, read, again)
		}
	})
}

// FuzzAck checks that JetStream's answers are read without decoding them as they would
// be with.
func FuzzAck(f *testing.F) {
	for _, s := range []string{
		`{"stream":"live_h_a","seq":17}`, `{"stream":"a","seq":17,"duplicate":true}`, `{"stream":"a","domain":"d","seq":1}`,
		`{"error":{"code":400,"err_code":10071,"description":"wrong last sequence"}}`, `{}`, ``, `{"stream":"a","seq":}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := parseAck(data)
		if err == nil && a.Error != nil {
			t.Fatalf("%q: %+v", data, a)
		}
	})
}
