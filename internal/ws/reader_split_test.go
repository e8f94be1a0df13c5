package ws_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// sameAsNaive checks that the Reader gives for these chunks what the naive reader
// gives for all of them at once.
func sameAsNaive(t *testing.T, limit int, chunks ...[]byte) {
	t.Helper()
	whole := join(chunks...)
	got, code, idle := readAll(t, limit, chunks...)
	wantEvents, wantCode, wantIdle := naiveRead(whole, limit)
	if len(wantEvents) > 0 && wantEvents[len(wantEvents)-1].op == ws.OpClose {
		wantIdle = false // nothing after a close frame is read
	}
	if code != wantCode || idle != wantIdle || !reflect.DeepEqual(got, wantEvents) {
		t.Fatalf("in %d chunks: %.300q\ngot  %v, code %d, idle %v\nwant %v, code %d, idle %v",
			len(chunks), whole, got, code, idle, wantEvents, wantCode, wantIdle)
	}
}

// splitAtRandom cuts b into chunks of random length, long or short ones.
func splitAtRandom(rnd *rand.Rand, b []byte) (chunks [][]byte) {
	most := 1 + rnd.IntN(1+rnd.IntN(len(b)+2))
	for len(b) > 0 {
		n := min(1+rnd.IntN(most), len(b))
		chunks = append(chunks, b[:n])
		b = b[n:]
	}
	return chunks
}

// sequence makes the frames of some messages, whole and in fragments, with
// control frames anywhere, and now and then a byte that is wrong.
func sequence(rnd *rand.Rand) (in []byte) {
	for range 1 + rnd.IntN(5) {
		op := byte(1 + rnd.IntN(2))
		parts := 1 + rnd.IntN(4)*rnd.IntN(2)
		for i := range parts {
			first := op
			if i > 0 {
				first = 0
			}
			if i == parts-1 {
				first |= fin
			}
			in = append(in, frame(first, randomText(rnd))...)
			if rnd.IntN(3) == 0 {
				in = append(in, ping("between")...)
			}
		}
	}
	if rnd.IntN(3) == 0 {
		in[rnd.IntN(len(in))] ^= 1 << rnd.IntN(8)
	}
	return in
}

// randomText is UTF-8 with characters of each length, of up to a few hundred bytes.
func randomText(rnd *rand.Rand) []byte {
	var b []byte
	for range rnd.IntN(6) * rnd.IntN(30) {
		b = append(b, []string{"a", "b", "ä", "€", "😀"}[rnd.IntN(5)]...)
	}
	return b
}

func TestReaderGivesTheSameForEveryCutInTwo(t *testing.T) {
	in := join(text("Hello €"), frame(1, []byte("κό")), ping("p"), frame(fin, []byte("σμε")),
		binFrame(make([]byte, 130)), frame(fin|byte(ws.OpClose), []byte("\x03\xe8bye")))
	for cut := range len(in) + 1 {
		sameAsNaive(t, limit, in[:cut], in[cut:])
	}
	sameAsNaive(t, limit, bytewise(in)...)
}

func TestReaderGivesTheSameForEveryCutInThree(t *testing.T) {
	in := join(frame(1, []byte("\xe2\x82")), ping("p"), frame(fin, []byte("\xac")), text("\xff"))
	for i := range len(in) + 1 {
		for j := i; j <= len(in); j++ {
			sameAsNaive(t, limit, in[:i], in[i:j], in[j:])
		}
	}
}

func TestReaderAgreesWithTheNaiveReaderOnRandomMessages(t *testing.T) {
	for seed := range uint64(3000) {
		rnd := rand.New(rand.NewPCG(seed, 6455))
		in := sequence(rnd)
		max := limit
		if rnd.IntN(4) == 0 {
			max = rnd.IntN(500)
		}
		for range 3 {
			sameAsNaive(t, max, splitAtRandom(rnd, in)...)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// FuzzReader reads arbitrary bytes, cut as splits says: each of its bytes is the
// length of a chunk, over and over.
func FuzzReader(f *testing.F) {
	f.Add(text("Hello"), []byte{1}, uint16(1000))
	f.Add(join(frame(1, []byte("Hel")), ping("?"), frame(fin, []byte("lo"))), []byte{3, 1, 7}, uint16(5))
	f.Add(text("\xed\xa0\x80"), []byte{2}, uint16(100))
	f.Add([]byte{0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}, []byte{9}, uint16(100))
	f.Fuzz(func(t *testing.T, in, splits []byte, limit uint16) {
		var chunks [][]byte
		for i, rest := 0, in; len(rest) > 0; i++ {
			n := len(rest)
			if len(splits) > 0 {
				n = min(n, 1+int(splits[i%len(splits)]))
			}
			chunks = append(chunks, rest[:n])
			rest = rest[n:]
		}
		sameAsNaive(t, int(limit), chunks...)
	})
}
