package stamp_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/livetopics/live/bench/internal/stamp"
)

func room(data []byte) []byte {
	return append(append([]byte(`{"topic":"room","data":`), data...), '}')
}

func message(t *testing.T, size int) *stamp.Message {
	t.Helper()
	m, err := stamp.New(size, 'x', room)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestNumbersComeBackAsTheyWerePut(t *testing.T) {
	m, reader := message(t, 142), message(t, 142)
	for _, c := range []struct {
		seq uint64
		at  int64
	}{{0, 0}, {1, 1}, {123456789, 987654321}, {stamp.MaxSeq, 1<<52 - 1}} {
		b := m.Put(c.seq, c.at)
		if !json.Valid(b) || len(b) != reader.Size() {
			t.Errorf("%s is not JSON of %d bytes", b, reader.Size())
		}
		if seq, at, ok := reader.Take(b); seq != c.seq || at != c.at || !ok {
			t.Errorf("put %d and %d, took %d and %d, ok %t", c.seq, c.at, seq, at, ok)
		}
	}
}

func TestTakeRefusesAMessageWithAnyOtherByteChanged(t *testing.T) {
	m := message(t, stamp.MinData)
	good := bytes.Clone(m.Put(42, 1234))
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] = '!'
		if _, _, ok := m.Take(bad); ok {
			t.Errorf("byte %d was changed and nobody noticed: %s", i, bad)
		}
	}
	if _, _, ok := m.Take(good[1:]); ok {
		t.Error("a message without its first byte was taken")
	}
}

func TestStampAllocatesNothing(t *testing.T) {
	m := message(t, 142)
	if n := testing.AllocsPerRun(100, func() {
		_, _, _ = m.Take(m.Put(7, 7))
	}); n != 0 {
		t.Errorf("one stamp allocates %v times", n)
	}
}

func TestNewRefusesDataWithoutRoomOrRewritten(t *testing.T) {
	if _, err := stamp.New(stamp.MinData-1, 'x', room); err == nil {
		t.Error("too short data was taken")
	}
	if _, err := stamp.New(100, 'x', func([]byte) []byte { return []byte("{}") }); err == nil {
		t.Error("a wrapper that drops the data was taken")
	}
}

// FuzzTake checks that whatever Take accepts is the very message that Put makes of its numbers.
func FuzzTake(f *testing.F) {
	m, err := stamp.New(stamp.MinData, 'x', room)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bytes.Clone(m.Put(42, 1234)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if seq, at, ok := m.Take(b); ok && !bytes.Equal(m.Put(seq, at), b) {
			t.Fatalf("%q was taken for %d at %d, which is %q", b, seq, at, m.Put(seq, at))
		}
	})
}
