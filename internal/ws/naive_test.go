package ws_test

import (
	"math/big"
	"unicode/utf8"

	"github.com/livetopics/live/internal/ws"
)

// naive is a second reader of RFC 6455, made to be obviously right: it takes the
// whole input at once, one byte after the other, and keeps everything. The Reader
// has to give the same at any split.
type naive struct {
	in     []byte
	limit  int
	events []event

	open    ws.Opcode // of the fragmented message, 0 for none
	message []byte
	clean   bool // nothing of a frame is half-read
}

// inputEnds and violation are thrown through the naive reader.
type (
	inputEnds struct{}
	violation int
)

// naiveRead returns what a Reader must: the events up to the first violation and
// its close code, or 0 and whether the input ends between two messages.
func naiveRead(in []byte, limit int) (events []event, code int, idle bool) {
	n := &naive{in: in, limit: limit}
	defer func() {
		switch stop := recover().(type) {
		case nil:
		case inputEnds:
			idle = n.clean && n.open == 0
		case violation:
			code = int(stop)
		default:
			panic(stop)
		}
		events = n.events
	}()
	for n.frame() {
	}
	return
}

func (n *naive) byte() byte {
	if len(n.in) == 0 {
		panic(inputEnds{})
	}
	b := n.in[0]
	n.in = n.in[1:]
	return b
}

func must(holds bool, code int) {
	if !holds {
		panic(violation(code))
	}
}

// frame reads one frame and returns whether another may follow.
func (n *naive) frame() bool {
	n.clean = true
	first := n.byte()
	n.clean = false
	op, final := ws.Opcode(first%16), first >= 128
	must(first/16%8 == 0, 1002)
	must(op <= 2 || (op >= 8 && op <= 10), 1002)
	isControl := op >= 8
	must(!isControl || final, 1002)
	must(op != 0 || n.open != 0, 1002)
	must(isControl || op == 0 || n.open == 0, 1002)

	second := n.byte()
	must(second >= 128, 1002)
	length := n.length(int(second%128), isControl)
	if !isControl {
		total := new(big.Int).Add(length, big.NewInt(int64(len(n.message))))
		must(total.Cmp(big.NewInt(int64(n.limit))) <= 0, 1009)
	}
	key := []byte{n.byte(), n.byte(), n.byte(), n.byte()}
	if isControl {
		payload := n.payload(nil, length, key, false)
		n.events = append(n.events, event{op, string(payload)})
		return op != ws.OpClose
	}
	if op != 0 {
		n.open = op
	}
	n.message = n.payload(n.message, length, key, n.open == ws.OpText)
	if final {
		must(n.open != ws.OpText || utf8.Valid(n.message), 1007)
		n.events = append(n.events, event{n.open, string(n.message)})
		n.open, n.message = 0, nil
	}
	return true
}

// length reads the extended length that the second byte announces.
func (n *naive) length(short int, isControl bool) *big.Int {
	must(!isControl || short < 126, 1002)
	size, least := 0, 0
	switch short {
	case 126:
		size, least = 2, 126
	case 127:
		size, least = 8, 65536
	default:
		return big.NewInt(int64(short))
	}
	length := new(big.Int)
	for i := range size {
		b := n.byte()
		must(i > 0 || size == 2 || b < 128, 1002)
		length.Add(length.Lsh(length, 8), big.NewInt(int64(b)))
	}
	must(length.Cmp(big.NewInt(int64(least))) >= 0, 1002)
	return length
}

// payload appends as much of a payload as there is, checks it if it is text, and
// goes on only if that is all.
func (n *naive) payload(to []byte, length *big.Int, key []byte, isText bool) []byte {
	have := len(n.in)
	whole := length.Cmp(big.NewInt(int64(have))) <= 0
	if whole {
		have = int(length.Int64())
	}
	for i := range have {
		to = append(to, n.byte()^key[i%4])
	}
	must(!isText || canBecomeUTF8(to), 1007)
	if !whole {
		panic(inputEnds{})
	}
	return to
}

// canBecomeUTF8 reports whether some continuation makes b valid UTF-8.
func canBecomeUTF8(b []byte) bool {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			return !utf8.FullRune(b)
		}
		b = b[size:]
	}
	return true
}
