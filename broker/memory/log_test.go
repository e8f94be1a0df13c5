package memory_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/memory"
)

// model is what a log should be: a plain slice.
type model struct {
	all  []broker.Publication
	last uint64
	at   int64
}

// step is one operation on a log and its model, chosen by three bytes.
func step(t *testing.T, l *memory.Log, m *model, op, a, b byte) {
	switch op % 8 {
	case 0, 1, 2, 3:
		m.append(t, l, a, b)
	case 4:
		n := int(a)
		l.Keep(n)
		m.all = m.all[max(len(m.all)-n, 0):]
	case 5:
		until := m.at - int64(a)*int64(b%8)
		l.DropUntil(until)
		for len(m.all) > 0 && m.all[0].At <= until {
			m.all = m.all[1:]
		}
	case 6:
		l.Tidy()
	case 7:
		if n := l.Segments(); n > 0 && a%4 == 0 {
			l.DropSegment()
			m.all = m.all[len(m.all)-l.Count():]
			if l.Segments() != n-1 {
				t.Fatalf("%d segments after one of %d was dropped", l.Segments(), n)
			}
		}
	}
	m.check(t, l, a, b)
}

func (m *model) append(t *testing.T, l *memory.Log, a, b byte) {
	t.Helper()
	now := m.at + int64(a) - 16 // the clock may run backwards
	size := int(b)
	if b >= 250 {
		size = int(b-249) * 4000
	}
	p := &broker.Message{Data: bytes.Repeat([]byte{a}, size)}
	if a%3 == 0 {
		p.Key = fmt.Sprint("key", b)
	}
	if a%5 == 0 {
		p.Origin = fmt.Sprint("origin", a)
	}
	m.last++
	m.at = max(m.at, now)
	seq, at, data := l.Append(p, now)
	if seq != m.last || at != m.at || !bytes.Equal(data, p.Data) {
		t.Fatalf("stored as %d at %d, want %d at %d", seq, at, m.last, m.at)
	}
	m.all = append(m.all, broker.Publication{Seq: seq, At: at, Key: p.Key, Origin: p.Origin, Data: bytes.Clone(p.Data)})
}

// page is what a query should give.
func (m *model) page(q broker.Query) []broker.Publication {
	page := m.all
	for !q.Newest && q.Before > 0 && len(page) > 0 && page[len(page)-1].Seq >= q.Before {
		page = page[:len(page)-1]
	}
	backward := q.Newest || q.Before > 0
	for !backward && len(page) > 0 && page[0].Seq <= q.Since {
		page = page[1:]
	}
	for len(page) > q.Limit || len(page) > 1 && q.MaxBytes > 0 && size(page) > q.MaxBytes {
		if backward {
			page = page[1:]
		} else {
			page = page[:len(page)-1]
		}
	}
	return page
}

func size(page []broker.Publication) (n int) {
	for _, p := range page {
		n += len(p.Data)
	}
	return n
}

func (m *model) check(t *testing.T, l *memory.Log, a, b byte) {
	t.Helper()
	if fault := l.Fault(); fault != "" {
		t.Fatal(fault)
	}
	if l.Count() != len(m.all) || l.Floor() != m.last-uint64(len(m.all)) {
		t.Fatalf("%d are there after %d, want %d", l.Count(), l.Floor(), len(m.all))
	}
	near := uint64(max(int64(m.last)-int64(a), 0))
	for _, q := range []broker.Query{
		{Limit: len(m.all) + 1},
		{Since: near, Limit: int(b)},
		{Since: near, Limit: int(b), MaxBytes: 4 * int(a)},
		{Before: near + 1, Limit: int(b)},
		{Before: near + 1, Limit: int(b), MaxBytes: 4 * int(a)},
		{Newest: true, Limit: int(b), MaxBytes: 4 * int(a)},
	} {
		got, want := l.Page(q), m.page(q)
		if len(got) != len(want) {
			t.Fatalf("%+v: %d publications, want %d", q, len(got), len(want))
		}
		for i, p := range got {
			w := want[i]
			if p.Seq != w.Seq || p.At != w.At || p.Key != w.Key || p.Origin != w.Origin || !bytes.Equal(p.Data, w.Data) {
				t.Fatalf("%+v: publication %d is %d at %d %q %q, want %d at %d %q %q", q, i,
					p.Seq, p.At, p.Key, p.Origin, w.Seq, w.At, w.Key, w.Origin)
			}
		}
	}
}

func FuzzLog(f *testing.F) {
	f.Add([]byte{0, 20, 100, 1, 15, 100, 4, 1, 9, 6, 0, 0})
	f.Fuzz(func(t *testing.T, script []byte) {
		var l memory.Log
		var m model
		for script = script[:min(len(script), 3*400)]; len(script) >= 3; script = script[3:] {
			step(t, &l, &m, script[0], script[1], script[2])
		}
	})
}

func TestLogAgreesWithASliceOverLongRuns(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 30 {
		var l memory.Log
		var m model
		for range 300 {
			step(t, &l, &m, byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32()))
		}
	}
}

func TestLogDataOutlivesItsRecord(t *testing.T) {
	var l memory.Log
	var kept [][]byte
	for i := range 1000 {
		_, _, data := l.Append(&broker.Message{Data: fmt.Append(nil, "number ", i)}, int64(i))
		kept = append(kept, data)
		l.Keep(3)
		l.Tidy()
	}
	for i, data := range kept {
		if want := fmt.Sprint("number ", i); string(data) != want {
			t.Fatalf("data is %q now, was %q", data, want)
		}
		if cap(data) != len(data) {
			t.Fatal("data can be appended to in place")
		}
	}
}
