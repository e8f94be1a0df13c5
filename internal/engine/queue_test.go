package engine

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

func queueOf(sizes ...int) (q *queue, all []byte) {
	q = &queue{}
	for i, size := range sizes {
		f := &Frame{Bytes: bytes.Repeat([]byte{byte('a' + i)}, size)}
		q.push(f, 0)
		all = append(all, f.Bytes...)
	}
	return q, all
}

func TestQueueGoesOnAtTheByteWhereAWriteEnded(t *testing.T) {
	sizes := []int{3, 1, 5, 2}
	_, all := queueOf(sizes...)
	for first := range len(all) + 1 {
		for second := range len(all) - first + 1 {
			q, _ := queueOf(sizes...)
			q.wrote(first)
			q.wrote(second)
			n := first + second
			if got := q.gather(nil, len(all)); !bytes.Equal(got, all[n:]) || q.bytes != len(all)-n {
				t.Errorf("after %d and %d bytes %q is left, and %d are counted; want %q", first, second, got, q.bytes, all[n:])
			}
		}
	}
}

func TestQueueSkipsWhatIsWrittenOfItsFirstFrame(t *testing.T) {
	q := &queue{}
	q.push(textFrame("first"), 3)
	q.push(textFrame("second"), 0)
	if got := payloads(append([]byte{0x81, 4}, q.gather(nil, 100)...)); got != "irst,second," {
		t.Errorf("what is left is %q", got)
	}
}

func TestQueueGathersUpToTheLimitInWholeFrames(t *testing.T) {
	for _, c := range []struct{ most, want int }{{1, 3}, {3, 3}, {4, 4}, {5, 9}, {11, 11}, {100, 11}} {
		q, all := queueOf(3, 1, 5, 2)
		if got := q.gather(nil, c.most); !bytes.Equal(got, all[:c.want]) {
			t.Errorf("gather of %d bytes gives %q, want %q", c.most, got, all[:c.want])
		}
	}
}

func TestQueueCutKeepsOnlyAFrameThatWasBegun(t *testing.T) {
	for _, c := range []struct {
		wrote int
		want  string
	}{{0, ""}, {1, "aa"}, {2, "a"}, {3, ""}, {4, "bbbb"}} {
		q, _ := queueOf(3, 5, 2)
		q.wrote(c.wrote)
		q.cut()
		if got := q.gather(nil, 100); string(got) != c.want || q.bytes != len(c.want) {
			t.Errorf("cut after %d bytes leaves %q and counts %d, want %q", c.wrote, got, q.bytes, c.want)
		}
	}
}

func TestQueueKeepsNoFrameThatItIsDoneWith(t *testing.T) {
	q, _ := queueOf(3, 1, 5, 2)
	q.wrote(5)
	q.cut()
	for i, f := range q.frames[len(q.frames):cap(q.frames)] {
		if f != nil {
			t.Errorf("the memory behind the queue holds frame %d", i)
		}
	}
}

func TestQueueEqualsAByteSlice(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		q, model := &queue{}, []byte(nil)
		for range 200 {
			if rng.IntN(2) == 0 || len(model) == 0 {
				f := &Frame{Bytes: bytes.Repeat([]byte{byte(rng.IntN(256))}, 1+rng.IntN(9))}
				skip := 0
				if len(model) == 0 {
					skip = rng.IntN(len(f.Bytes))
				}
				q.push(f, skip)
				model = append(model, f.Bytes[skip:]...)
				continue
			}
			n := rng.IntN(min(len(model), 12) + 1)
			q.wrote(n)
			model = model[n:]
			if got := q.gather(nil, 1<<20); !bytes.Equal(got, model) || q.bytes != len(model) {
				t.Fatalf("seed %d: the queue holds % x and counts %d, want % x", seed, got, q.bytes, model)
			}
		}
	}
}
