package ws_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// wantCode checks that in is refused with a close code, at once and byte by byte,
// and, where early is given, that its first early bytes are enough for that while
// one less is not.
func wantCode(t *testing.T, in []byte, code, early int) {
	t.Helper()
	if _, got, _ := readAll(t, limit, in); got != code {
		t.Errorf("at once: code %d, want %d", got, code)
	}
	if _, got, _ := readAll(t, limit, bytewise(in)...); got != code {
		t.Errorf("byte by byte: code %d, want %d", got, code)
	}
	if early == 0 {
		return
	}
	if _, got, _ := readAll(t, limit, in[:early]); got != code {
		t.Errorf("code %d after %d bytes, want %d", got, early, code)
	}
	if _, got, _ := readAll(t, limit, in[:early-1]); got != 0 {
		t.Errorf("code %d after %d bytes, which prove nothing", got, early-1)
	}
}

func TestReaderRefusesUnmaskedFrame(t *testing.T) {
	for _, op := range []ws.Opcode{ws.OpText, ws.OpBinary, ws.OpPing, ws.OpPong, ws.OpClose} {
		wantCode(t, ws.AppendFrame(nil, op, []byte("Hello")), ws.CloseProtocolError, 2)
	}
}

func TestReaderRefusesReservedBits(t *testing.T) {
	for _, bits := range []byte{0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70} {
		for _, op := range []ws.Opcode{ws.OpText, ws.OpBinary, ws.OpPing, ws.OpPong, ws.OpClose} {
			wantCode(t, frame(fin|bits|byte(op), []byte("Hello")), ws.CloseProtocolError, 1)
		}
	}
}

func TestReaderRefusesReservedOpcodes(t *testing.T) {
	for _, op := range []byte{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		wantCode(t, frame(fin|op, nil), ws.CloseProtocolError, 1)
		wantCode(t, frame(op, []byte("x")), ws.CloseProtocolError, 1)
	}
}

func TestReaderRefusesFragmentedControlFrame(t *testing.T) {
	for _, op := range []ws.Opcode{ws.OpPing, ws.OpPong, ws.OpClose} {
		wantCode(t, frame(byte(op), []byte("part")), ws.CloseProtocolError, 1)
	}
}

func TestReaderRefusesControlFrameOver125Bytes(t *testing.T) {
	for _, op := range []ws.Opcode{ws.OpPing, ws.OpPong, ws.OpClose} {
		wantCode(t, frame(fin|byte(op), make([]byte, 126)), ws.CloseProtocolError, 2)
		wantCode(t, frame(fin|byte(op), make([]byte, 65536)), ws.CloseProtocolError, 2)
	}
}

func TestReaderRefusesContinuationOfNothing(t *testing.T) {
	wantCode(t, frame(fin, []byte("x")), ws.CloseProtocolError, 1)
	wantCode(t, frame(0, []byte("x")), ws.CloseProtocolError, 1)
	whole := join(frame(1, []byte("a")), frame(fin, []byte("b")))
	wantCode(t, join(whole, frame(fin, nil)), ws.CloseProtocolError, len(whole)+1)
}

func TestReaderRefusesNewMessageInsideAFragmentedOne(t *testing.T) {
	start := frame(byte(ws.OpText), []byte("a"))
	wantCode(t, join(start, text("b")), ws.CloseProtocolError, len(start)+1)
	wantCode(t, join(start, frame(byte(ws.OpBinary), nil)), ws.CloseProtocolError, len(start)+1)
}

func TestReaderRefusesLengthNotInShortestForm(t *testing.T) {
	for _, c := range []struct{ n, form int }{{0, 2}, {125, 2}, {0, 8}, {125, 8}, {126, 8}, {65535, 8}} {
		in := frameForm(fin|byte(ws.OpBinary), c.form, make([]byte, c.n))
		wantCode(t, in, ws.CloseProtocolError, 2+c.form)
	}
}

func TestReaderRefusesLengthWithItsHighestBit(t *testing.T) {
	in := []byte{0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4}
	wantCode(t, in, ws.CloseProtocolError, 3)
}

func TestReaderRefusesTextThatIsNotUTF8WithItsFirstBadByte(t *testing.T) {
	for _, c := range []struct {
		name, s string
		at      int // of the first byte that no valid text has there
	}{
		{"in the middle of a frame", "ok\xffmore", 2},
		{"a surrogate", "\xed\xa0\x80", 1},
		{"beyond U+10FFFF", "κόσμε\xf4\x90\x80\x80edited", len("κόσμε") + 1},
		{"after much text", strings.Repeat("y", 1000) + "\xc0", 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := text(c.s)
			wantCode(t, in, ws.CloseInvalidPayload, len(in)-len(c.s)+c.at+1)
		})
	}
}

func TestReaderRefusesFragmentedTextAtItsFirstBadByte(t *testing.T) {
	head := join(frame(byte(ws.OpText), []byte("\xce\xba\xe2\x82")), ping("x"))
	in := join(head, frame(0, []byte("\xff more to come")), frame(fin, []byte("the end")))
	wantCode(t, in, ws.CloseInvalidPayload, len(head)+6+1)
}

func TestReaderRefusesTextThatEndsInsideACharacter(t *testing.T) {
	in := text("Hello \xe2\x82")
	wantCode(t, in, ws.CloseInvalidPayload, len(in))
	in = join(frame(byte(ws.OpText), []byte("\xe2\x82")), frame(fin, nil))
	wantCode(t, in, ws.CloseInvalidPayload, len(in))
}

func TestReaderGivesWhatCameBeforeTheViolation(t *testing.T) {
	in := join(text("good"), ping("p"), frame(fin|0x40|byte(ws.OpText), []byte("bad")))
	events, code, _ := readAll(t, limit, in)
	if code != ws.CloseProtocolError || len(events) != 2 {
		t.Fatalf("got %v and code %d", events, code)
	}
}

func TestReaderRefusesMessageOverTheLimitFromItsHeader(t *testing.T) {
	for _, c := range []struct{ limit, n, code, early int }{
		{100, 100, 0, 0},
		{100, 101, ws.CloseTooBig, 2},
		{126, 127, ws.CloseTooBig, 4},
		{70000, 70000, 0, 0},
		{70000, 70001, ws.CloseTooBig, 10},
		{0, 0, 0, 0},
		{0, 1, ws.CloseTooBig, 2},
		{-1, 0, 0, 0},
		{-1, 1, ws.CloseTooBig, 2},
	} {
		in := frame(fin|byte(ws.OpBinary), make([]byte, c.n))
		if _, code, _ := readAll(t, c.limit, in); code != c.code {
			t.Errorf("limit %d, message of %d bytes: code %d, want %d", c.limit, c.n, code, c.code)
		}
		if c.early > 0 {
			if _, code, _ := readAll(t, c.limit, in[:c.early]); code != c.code {
				t.Errorf("limit %d, message of %d bytes: code %d after %d bytes of header", c.limit, c.n, code, c.early)
			}
		}
	}
}

func TestReaderRefusesAnyAnnouncedLengthOverTheLimit(t *testing.T) {
	huge := []byte{0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	if _, code, _ := readAll(t, math.MaxInt-1, huge); code != ws.CloseTooBig {
		t.Errorf("code %d", code)
	}
}

func TestReaderCountsAllFragmentsToTheLimit(t *testing.T) {
	half := bytes.Repeat([]byte("x"), 60)
	first := frame(byte(ws.OpText), half)
	over := frame(0, half)
	if _, code, _ := readAll(t, 120, first, over, frame(fin, nil)); code != 0 {
		t.Errorf("120 bytes of 120: code %d", code)
	}
	if _, code, _ := readAll(t, 119, first, over[:2]); code != ws.CloseTooBig {
		t.Errorf("120 bytes of 119: code %d after the second header", code)
	}
}

func TestReaderCountsNoControlFrameToTheLimit(t *testing.T) {
	in := join(frame(byte(ws.OpText), []byte("12")), ping(strings.Repeat("p", 125)), frame(fin, []byte("3")))
	if _, code, _ := readAll(t, 3, in); code != 0 {
		t.Errorf("code %d", code)
	}
}

func TestTooBigNamesTheLimit(t *testing.T) {
	var r ws.Reader
	_, _, _, err := r.Next(text("four"), 3)
	if err == nil || !strings.Contains(err.Error(), "limit of 3 bytes") || !strings.Contains(err.Error(), "1009") {
		t.Errorf("got %v", err)
	}
}
