package ws_test

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"

	"github.com/livetopics/live/internal/ws"
)

// limit is the greatest message in tests that are not about it.
const limit = 1 << 20

// wantEvents checks that in gives these events and an idle Reader, at once and
// byte by byte.
func wantEvents(t *testing.T, in []byte, want ...event) {
	t.Helper()
	for how, chunks := range map[string][][]byte{"at once": {in}, "byte by byte": bytewise(in)} {
		got, code, idle := readAll(t, limit, chunks...)
		if code != 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, code %d; want %v", how, got, code, want)
		}
		if !idle && (len(want) == 0 || want[len(want)-1].op != ws.OpClose) {
			t.Errorf("%s: the Reader is not idle afterwards", how)
		}
	}
}

// RFC 6455, section 5.7: the examples that a client sends.
func TestReaderReadsTheRFCsExamples(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     event
	}{
		{"a single-frame masked text message", "818537fa213d7f9f4d5158", event{ws.OpText, "Hello"}},
		{"a masked pong", "8a8537fa213d7f9f4d5158", event{ws.OpPong, "Hello"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in, _ := hex.DecodeString(c.in)
			wantEvents(t, in, c.want)
		})
	}
}

func TestReaderReadsEveryBoundaryLength(t *testing.T) {
	for _, c := range boundaries {
		if c.n > limit {
			continue
		}
		payload := bytes.Repeat([]byte("x"), c.n)
		want := event{ws.OpText, string(payload)}
		wantEvents(t, frame(fin|byte(ws.OpText), payload), want)
		want.op = ws.OpBinary
		wantEvents(t, frame(fin|byte(ws.OpBinary), payload), want)
	}
}

func TestReaderReadsBinaryThatIsNotUTF8(t *testing.T) {
	wantEvents(t, binFrame([]byte("\xff\xfe\x00")), event{ws.OpBinary, "\xff\xfe\x00"})
}

func TestReaderReadsSeveralMessagesFromOneInput(t *testing.T) {
	wantEvents(t, join(text("one"), binFrame([]byte("two")), text("")),
		event{ws.OpText, "one"}, event{ws.OpBinary, "two"}, event{ws.OpText, ""})
}

func TestReaderJoinsFragments(t *testing.T) {
	for _, c := range []struct {
		name  string
		op    ws.Opcode
		parts []string
	}{
		{"two of text", ws.OpText, []string{"Hel", "lo"}},
		{"three of binary", ws.OpBinary, []string{"\xff", "\x00", "\xfe"}},
		{"an empty first one", ws.OpText, []string{"", "Hello"}},
		{"an empty last one", ws.OpText, []string{"Hello", ""}},
		{"empty ones alone", ws.OpText, []string{"", "", ""}},
		{"a character cut in two", ws.OpText, []string{"\xce", "\xba"}},
		{"a character of one byte a fragment", ws.OpText, []string{"\xf0", "\x9f", "", "\x98", "\x80"}},
		{"many", ws.OpBinary, strings.Split(strings.Repeat("a,bc,,def,", 100), ",")},
	} {
		t.Run(c.name, func(t *testing.T) {
			var in []byte
			for i, part := range c.parts {
				first := byte(ws.OpContinuation)
				if i == 0 {
					first = byte(c.op)
				}
				if i == len(c.parts)-1 {
					first |= fin
				}
				in = append(in, frame(first, []byte(part))...)
			}
			wantEvents(t, in, event{c.op, strings.Join(c.parts, "")})
		})
	}
}

func TestReaderGivesControlFramesBetweenFragments(t *testing.T) {
	in := join(
		frame(byte(ws.OpText), []byte("Hel")),
		ping("are you there?"),
		frame(byte(ws.OpContinuation), []byte("l")),
		frame(fin|byte(ws.OpPong), nil),
		frame(fin|byte(ws.OpContinuation), []byte("o")),
		text("next"),
	)
	wantEvents(t, in, event{ws.OpPing, "are you there?"}, event{ws.OpPong, ""},
		event{ws.OpText, "Hello"}, event{ws.OpText, "next"})
}

func TestReaderLetsAControlFrameInterruptACharacter(t *testing.T) {
	in := join(frame(byte(ws.OpText), []byte("\xe2\x82")), ping("\xff"), frame(fin, []byte("\xac")))
	wantEvents(t, in, event{ws.OpPing, "\xff"}, event{ws.OpText, "€"})
}

func TestReaderReadsControlFramesOfUpTo125Bytes(t *testing.T) {
	for _, op := range []ws.Opcode{ws.OpPing, ws.OpPong, ws.OpClose} {
		for _, n := range []int{0, 1, 124, 125} {
			payload := bytes.Repeat([]byte("p"), n)
			wantEvents(t, frame(fin|byte(op), payload), event{op, string(payload)})
		}
	}
}

func TestReaderLeavesWhatFollowsAnEvent(t *testing.T) {
	var r ws.Reader
	in := join(text("first"), []byte{0x81})
	ev, ok, rest, err := r.Next(in, limit)
	if !ok || err != nil || string(ev.Payload) != "first" || !bytes.Equal(rest, []byte{0x81}) {
		t.Fatalf("got %q, %v, rest %x, %v", ev.Payload, ok, rest, err)
	}
}

func TestReaderServesOtherConnectionsWhileIdle(t *testing.T) {
	var shared ws.Reader
	for i, in := range [][]byte{text("a"), binFrame([]byte("b")), join(frame(1, []byte("c")), frame(fin, []byte("d"))), ping("e")} {
		for len(in) > 0 {
			_, _, rest, err := shared.Next(in, limit)
			if err != nil {
				t.Fatalf("connection %d: %v", i, err)
			}
			in = rest
		}
		if !shared.Idle() {
			t.Fatalf("not idle after connection %d", i)
		}
	}
}

func TestReaderIsNotIdleInTheMiddleOfAnything(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []byte
	}{
		{"the first byte of a header", text("Hello")[:1]},
		{"a header without its mask", text("Hello")[:4]},
		{"a header without its payload", text("Hello")[:6]},
		{"a part of the payload", text("Hello")[:8]},
		{"a part of a ping", ping("Hello")[:8]},
		{"a fragment", frame(byte(ws.OpText), []byte("Hel"))},
		{"an empty fragment", frame(byte(ws.OpBinary), nil)},
		{"a ping after a fragment", join(frame(byte(ws.OpBinary), nil), ping(""))},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, code, idle := readAll(t, limit, c.in); code != 0 || idle {
				t.Errorf("code %d, idle %v", code, idle)
			}
		})
	}
}

func TestReaderIsAsNewAfterReset(t *testing.T) {
	var r ws.Reader
	r.Next(join(frame(byte(ws.OpText), []byte("\xe2")), ping("part")[:8]), limit)
	r.Reset()
	if !r.Idle() || r.Held() != 0 {
		t.Fatalf("idle %v, holds %d bytes", r.Idle(), r.Held())
	}
	ev, ok, _, err := r.Next(text("€"), limit)
	if !ok || err != nil || string(ev.Payload) != "€" {
		t.Fatalf("got %q, %v, %v", ev.Payload, ok, err)
	}
}
