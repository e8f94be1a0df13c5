package engine

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// queueModel is a queue beside a plain list of what is in it.
type queueModel struct {
	*testing.T
	rng  *rand.Rand
	q    *queue
	list []*Frame // that wait
	sent int      // bytes of the first
	n    int      // frames so far
}

func TestQueueOfWhichFramesAreTakenOutEqualsAList(t *testing.T) {
	for seed := range uint64(300) {
		m := &queueModel{T: t, rng: rand.New(rand.NewPCG(seed, 6)), q: &queue{}}
		for range 300 {
			switch k := m.rng.IntN(20); {
			case k < 9 || len(m.list) == 0:
				m.push()
			case k < 12:
				m.write()
			case k < 19:
				m.takeOut(m.rng.IntN(len(m.list)))
			case m.rng.IntN(10) == 0:
				m.cut()
			}
			m.compare()
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// push pushes a frame, of KeepLatest one time in two, of which the newest is known.
func (m *queueModel) push() {
	m.n++
	f := &Frame{Bytes: bytes.Repeat([]byte{byte(m.n)}, 1+m.rng.IntN(9))}
	skip := 0
	if len(m.list) == 0 {
		skip = m.rng.IntN(len(f.Bytes))
		m.sent = skip
	}
	switch m.rng.IntN(4) {
	case 0, 1:
		f.Pub = &Pub{Topic: "room", Key: fmt.Sprint(m.rng.IntN(3)), Overflow: KeepLatest}
	case 2:
		f.Pub = &Pub{Topic: "room", hole: true}
	}
	m.q.push(f, skip)
	m.list = append(m.list, f)
}

func (m *queueModel) write() {
	n := m.rng.IntN(min(m.q.bytes, 12) + 1)
	m.q.wrote(n)
	for n += m.sent; len(m.list) > 0 && n >= len(m.list[0].Bytes); m.list = m.list[1:] {
		n -= len(m.list[0].Bytes)
	}
	m.sent = n
}

// takeOut does with the i'th frame what an Overflow does: takes it out, or puts a hole
// in its place. The newest of KeepLatest is left: only a newer one takes its place.
func (m *queueModel) takeOut(i int) {
	f := m.list[i]
	if i == 0 && m.sent > 0 || m.isNewest(f) {
		return
	}
	at := slices.Index(m.q.frames, f)
	if m.rng.IntN(3) > 0 {
		m.q.replace(at, nil)
		m.list = slices.Delete(slices.Clone(m.list), i, i+1)
	} else {
		m.list[i] = &Frame{Bytes: []byte("hole"), Pub: &Pub{Topic: "room", Overflow: KeepLatest, hole: true}}
		m.q.replace(at, m.list[i])
	}
	m.q.tidy()
}

func (m *queueModel) cut() {
	m.q.cut()
	if m.list = m.list[:1]; m.sent == 0 {
		m.list = nil
	}
}

// isNewest reports whether f is the newest of what it is about.
func (m *queueModel) isNewest(f *Frame) bool {
	if f.Pub == nil || f.Pub.hole {
		return false
	}
	for _, other := range slices.Backward(m.list) {
		if p := other.Pub; p != nil && !p.hole && p.Key == f.Pub.Key {
			return other == f
		}
	}
	return false
}

func (m *queueModel) compare() {
	var want []byte
	count, holes := 0, 0
	for i, f := range m.list {
		want = append(want, f.Bytes...)
		if f.Pub != nil && f.Pub.hole {
			holes++
		} else {
			count++
		}
		if !m.isNewest(f) || i == 0 && m.sent > 0 {
			continue // one that was begun need not be known: it cannot be taken out
		}
		if at, known := m.q.newest[subject{"room", f.Pub.Key}]; !known || m.q.frames[at-m.q.first] != f {
			m.Errorf("the newest of key %q is not at %d", f.Pub.Key, at)
		}
	}
	want = want[min(m.sent, len(want)):]
	q := m.q
	if got := q.gather(nil, 1<<20); !bytes.Equal(got, want) || q.bytes != len(want) {
		m.Errorf("the queue holds % x and counts %d, want % x", got, q.bytes, want)
	}
	if q.count != count || q.holes != holes {
		m.Errorf("the queue counts %d frames and %d holes, want %d and %d", q.count, q.holes, count, holes)
	}
	if len(q.frames) > 2*(count+holes)+17 {
		m.Errorf("%d frames take %d places", count+holes, len(q.frames))
	}
	for i, f := range q.frames[len(q.frames):cap(q.frames)] {
		if f != nil {
			m.Errorf("the memory behind the queue holds frame %d", i)
		}
	}
}
