package ws_test

import (
	"bytes"
	"runtime"
	"testing"
	"unsafe"

	"github.com/livetopics/live/internal/ws"
)

func TestReaderUnmasksAWholeMessageWhereItIs(t *testing.T) {
	in := join(text("Hello"), text("next"))
	var r ws.Reader
	ev, ok, rest, err := r.Next(in, limit)
	if !ok || err != nil || ev.Owned {
		t.Fatalf("got %v, %v, owned %v", ok, err, ev.Owned)
	}
	if &ev.Payload[0] != &in[6] {
		t.Error("the payload was copied")
	}
	if _ = append(ev.Payload, "over"...); !bytes.Equal(rest, text("next")) {
		t.Error("appending to the payload writes into what follows it")
	}
}

func TestReaderLetsGoOfAMessageInParts(t *testing.T) {
	for name, in := range map[string][]byte{
		"in parts":     binFrame([]byte("Hello")),
		"in fragments": join(frame(2, []byte("Hel")), frame(fin, []byte("lo"))),
	} {
		var r ws.Reader
		var kept []byte
		for _, chunk := range bytewise(join(in, binFrame([]byte("XXXXX")))) {
			ev, ok, _, err := r.Next(chunk, limit)
			if err != nil {
				t.Fatal(err)
			}
			if ok && kept == nil {
				kept = ev.Payload
				if !ev.Owned || r.Held() != 0 {
					t.Errorf("%s: owned %v, and the Reader still holds %d bytes", name, ev.Owned, r.Held())
				}
			}
		}
		if string(kept) != "Hello" {
			t.Errorf("%s: the payload became %q", name, kept)
		}
	}
}

func TestReaderAllocatesNothingForWholeFrames(t *testing.T) {
	masked := join(text("Hello, world €"), binFrame(make([]byte, 1000)), ping("p"), frame(fin|byte(ws.OpPong), nil))
	in := make([]byte, len(masked))
	var r ws.Reader
	n := testing.AllocsPerRun(100, func() {
		copy(in, masked)
		for rest := in; len(rest) > 0; {
			var err error
			if _, _, rest, err = r.Next(rest, limit); err != nil {
				t.Fatal(err)
			}
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestReaderAllocatesNothingForAHeaderInParts(t *testing.T) {
	masked := text("Hello")
	in := make([]byte, len(masked))
	var r ws.Reader
	n := testing.AllocsPerRun(100, func() {
		copy(in, masked)
		for _, cut := range []int{1, 2, 4, 6} {
			r.Next(in[:cut], limit)
			if ev, ok, _, _ := r.Next(in[cut:], limit); !ok || string(ev.Payload) != "Hello" {
				t.Fatalf("cut at %d: got %q", cut, ev.Payload)
			}
			copy(in, masked)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestReaderTakesMemoryForWhatCameAndNotForWhatIsAnnounced(t *testing.T) {
	const announced = 64 << 10
	in := binFrame(make([]byte, announced))
	var r ws.Reader
	fed := 14 // the header, with the 64-bit length
	if _, _, _, err := r.Next(in[:fed], limit); err != nil || r.Held() != 0 {
		t.Fatalf("the header alone costs %d bytes (%v)", r.Held(), err)
	}
	for ; fed < len(in)-1; fed++ {
		r.Next(in[fed:fed+1], limit)
		if came := fed + 1 - 14; r.Held() > max(2*came, 64) || r.Held() > announced {
			t.Fatalf("%d bytes came, %d are held", came, r.Held())
		}
	}
}

func TestReaderTakesNoMemoryBeyondTheLimitForFragments(t *testing.T) {
	var r ws.Reader
	for range 10 {
		if _, _, _, err := r.Next(frame(0, nil)[:0], 100); err != nil {
			t.Fatal(err)
		}
	}
	r.Next(frame(2, make([]byte, 70)), 100)
	r.Next(frame(0, make([]byte, 30)), 100)
	if r.Held() > 100 {
		t.Errorf("%d bytes are held for a message of at most 100", r.Held())
	}
}

func TestReaderCopiesALongMessageLinearly(t *testing.T) {
	const size, chunk = 16 << 20, 64 << 10
	in := binFrame(make([]byte, size))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var r ws.Reader
	var got int
	for len(in) > 0 {
		n := min(chunk, len(in))
		ev, ok, _, err := r.Next(in[:n], size)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			got = len(ev.Payload)
		}
		in = in[n:]
	}
	runtime.ReadMemStats(&after)
	if got != size {
		t.Fatalf("got a message of %d bytes", got)
	}
	// Doubling costs less than the message once more, and once more again where the
	// last step but one just misses its length.
	if took := after.TotalAlloc - before.TotalAlloc; took > 3*size+1<<20 {
		t.Errorf("%d bytes were allocated for a message of %d", took, size)
	}
}

func TestReaderIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(ws.Reader{}); size > 96 {
		t.Errorf("a Reader takes %d bytes", size)
	}
}
