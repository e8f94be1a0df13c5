package ws_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/livetopics/live/internal/ws"
)

// sendable is what RFC 6455, section 7.4, lets a close frame carry, as a list.
func sendable(code int) bool {
	switch code {
	case 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014:
		return true
	}
	return 3000 <= code && code <= 4999
}

// closePayload is what a close frame carries.
func closePayload(code int, reason string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...)
}

func TestParseCloseKnowsEveryCodeThereIs(t *testing.T) {
	for code := range 65536 {
		got, reason, err := ws.ParseClose(closePayload(code, "bye"))
		switch {
		case sendable(code):
			if err != nil || got != code || reason != "bye" {
				t.Errorf("code %d: got %d, %q, %v", code, got, reason, err)
			}
		case err == nil || codeOf(t, err) != ws.CloseProtocolError:
			t.Errorf("code %d must not be sent, but gave %d, %v", code, got, err)
		}
		if ws.Sendable(code) != sendable(code) {
			t.Errorf("Sendable(%d) = %v", code, ws.Sendable(code))
		}
	}
}

func TestParseCloseTakesNoPayloadAsNoStatus(t *testing.T) {
	code, reason, err := ws.ParseClose(nil)
	if code != ws.CloseNoStatus || reason != "" || err != nil {
		t.Fatalf("got %d, %q, %v", code, reason, err)
	}
}

func TestParseCloseRefusesOneByte(t *testing.T) {
	if _, _, err := ws.ParseClose([]byte{3}); err == nil || codeOf(t, err) != ws.CloseProtocolError {
		t.Fatalf("got %v", err)
	}
}

func TestParseCloseRefusesReasonThatIsNotUTF8(t *testing.T) {
	for _, reason := range []string{"\xff", "cut \xe2\x82", "\xed\xa0\x80"} {
		_, _, err := ws.ParseClose(closePayload(1000, reason))
		if err == nil || codeOf(t, err) != ws.CloseInvalidPayload {
			t.Errorf("reason %q: got %v", reason, err)
		}
	}
}

func TestAppendCloseGivesAWholeFrame(t *testing.T) {
	for _, c := range []struct {
		name   string
		code   int
		reason string
		want   string
	}{
		{"a code and a reason", 1001, "bye", "\x88\x05\x03\xe9bye"},
		{"a code alone", 1000, "", "\x88\x02\x03\xe8"},
		{"an application's code", 4008, "too slow", "\x88\x0a\x0f\xa8too slow"},
		{"no code", 0, "unsaid", "\x88\x00"},
		{"no status", ws.CloseNoStatus, "unsaid", "\x88\x00"},
		{"a code that is never sent", ws.CloseAbnormal, "unsaid", "\x88\x00"},
		{"a code that does not exist", 70000, "unsaid", "\x88\x00"},
		{"a reason that is not UTF-8", 1000, "a\xffb", "\x88\x07\x03\xe8a\uFFFDb"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(ws.AppendClose([]byte(">"), c.code, c.reason)); got != ">"+c.want {
				t.Errorf("got %q, want %q", got, ">"+c.want)
			}
		})
	}
}

func TestAppendCloseCutsTheReasonAtTheEndOfACharacter(t *testing.T) {
	for _, c := range []struct {
		name, reason string
		want         int // bytes of reason left
	}{
		{"a reason that just fits", strings.Repeat("x", 123), 123},
		{"one byte too many", strings.Repeat("x", 124), 123},
		{"a character of 2 bytes across the end", strings.Repeat("x", 122) + "é", 122},
		{"a character of 4 bytes across the end", strings.Repeat("x", 120) + "😀", 120},
		{"a character that ends at the end", strings.Repeat("x", 119) + "😀😀", 123},
		{"bytes that are not UTF-8 across the end", strings.Repeat("x", 122) + "\xff\xff", 122},
	} {
		t.Run(c.name, func(t *testing.T) {
			frame := ws.AppendClose(nil, 1000, c.reason)
			reason := frame[4:]
			if len(reason) != c.want || !utf8.Valid(reason) || int(frame[1]) != len(frame)-2 {
				t.Errorf("%d bytes left, want %d: %q", len(reason), c.want, frame)
			}
		})
	}
}

func FuzzParseClose(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{3})
	f.Add(closePayload(1000, "bye"))
	f.Add(closePayload(1005, ""))
	f.Add(closePayload(4999, "\xed\xa0\x80"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		code, reason, err := ws.ParseClose(payload)
		want := 0
		switch {
		case len(payload) == 1, len(payload) > 1 && !sendable(int(payload[0])<<8|int(payload[1])):
			want = ws.CloseProtocolError
		case len(payload) > 2 && !utf8.Valid(payload[2:]):
			want = ws.CloseInvalidPayload
		}
		if err != nil {
			if codeOf(t, err) != want {
				t.Fatalf("%x: %v, want %d", payload, err, want)
			}
			return
		}
		if want != 0 {
			t.Fatalf("%x is accepted, want %d", payload, want)
		}
		if len(payload) > ws.MaxControlPayload {
			return
		}
		if got := ws.AppendClose(nil, code, reason); string(got[2:]) != string(payload) {
			t.Fatalf("%x comes back as %x", payload, got[2:])
		}
	})
}
