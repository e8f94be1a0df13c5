package protocol_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/livetopics/live/internal/protocol"
)

func TestCheckTakesValues(t *testing.T) {
	for _, v := range []string{
		`null`, `true`, `false`, `""`, `"text"`, `[]`, `{}`, ` [ ] `, "\t{\r\n}\n",
		`0`, `-0`, `7`, `-12`, `0.5`, `10.05`, `1e9`, `1E-9`, `1.5e+300`, strings.Repeat("9", 4000),
		`"\"\\\/\b\f\n\r\t\u0000\uABCD\uabcd"`, `"\ud800"`, `"\udc00\ud800"`, `"é日😀"`, "\"\u007f\u2028\ufeff\"",
		`[1,"a",{"b":[{"c":null}]},[[]]]`, `{"a":1,"a":2,"":3}`, `[[],{},[{}],{"a":{}}]`,
	} {
		if err := protocol.Check([]byte(v)); err != nil {
			t.Errorf("%.60s: %v", v, err)
		}
	}
}

func TestCheckSaysWhatIsWrongAndWhere(t *testing.T) {
	for _, c := range []struct {
		value  string
		offset int
		text   string
	}{
		{"", 0, "empty: a JSON value is expected"},
		{" \n", 0, "empty: a JSON value is expected"},
		{"\ufeff1", 0, "begins with a byte order mark: leave it out"},
		{"\ufeff", 0, "begins with a byte order mark: leave it out"},
		{"nul", 0, "not valid JSON at byte 0: a value is expected"},
		{" truE", 1, "not valid JSON at byte 1: a value is expected"},
		{"1 2", 2, "not valid JSON at byte 2: nothing may follow the value"},
		{"1\x00", 1, "not valid JSON at byte 1: nothing may follow the value"},
		{"1\ufeff", 1, "not valid JSON at byte 1: nothing may follow the value"},
		{"\u00a01", 0, "not valid JSON at byte 0: a value is expected"},
		{"-", 1, "not valid JSON at byte 1: it ends too early"},
		{"00", 1, "not valid JSON at byte 1: nothing may follow the value"},
		{"0x10", 1, "not valid JSON at byte 1: nothing may follow the value"},
		{".5", 0, "not valid JSON at byte 0: a value is expected"},
		{"1.e5", 2, "not valid JSON at byte 2: a digit is expected"},
		{`"a`, 0, "not valid JSON at byte 0: the string that begins here is not closed"},
		{`["\`, 2, "not valid JSON at byte 2: unknown escape in a string"},
		{`["\u12`, 2, "not valid JSON at byte 2: unknown escape in a string"},
		{`"\u12g4"`, 1, "not valid JSON at byte 1: unknown escape in a string"},
		{"[\"\xe6\x97", 2, "not valid UTF-8 at byte 2"},
		{"[,1]", 1, "not valid JSON at byte 1: a value is expected"},
		{"[1,,2]", 3, "not valid JSON at byte 3: a value is expected"},
		{"[1:2]", 2, "not valid JSON at byte 2: a comma or ] is expected"},
		{"[1}", 2, "not valid JSON at byte 2: a comma or ] is expected"},
		{`{"a":1]`, 6, "not valid JSON at byte 6: a comma or } is expected"},
		{`{"a",1}`, 4, "not valid JSON at byte 4: a colon is expected"},
		{`{,}`, 1, "not valid JSON at byte 1: a member name in double quotes is expected"},
		{`{1:2}`, 1, "not valid JSON at byte 1: a member name in double quotes is expected"},
		{`{"a":`, 5, "not valid JSON at byte 5: it ends too early"},
		{`]`, 0, "not valid JSON at byte 0: a value is expected"},
		{`[[]]]`, 4, "not valid JSON at byte 4: nothing may follow the value"},
	} {
		t.Run(c.value, func(t *testing.T) {
			err := protocol.Check([]byte(c.value))
			wantError(t, err, c.text)
			var e *protocol.Error
			if !errors.As(err, &e) || e.Offset != c.offset {
				t.Errorf("error %#v, want offset %d", err, c.offset)
			}
		})
	}
}

func TestCheckTakesNestingUpToMaxDepth(t *testing.T) {
	for _, c := range []struct{ name, open, inner, end string }{
		{"arrays", "[", "", "]"},
		{"objects", `{"a":`, "1", "}"},
		{"both", `{"a":[`, "1", "]}"},
		{"spaced", "[ ", "1", " ]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			each := strings.Count(c.open, "[") + strings.Count(c.open, "{")
			deepest := func(n int) []byte {
				return []byte(strings.Repeat(c.open, n) + c.inner + strings.Repeat(c.end, n))
			}
			if err := protocol.Check(deepest(protocol.MaxDepth / each)); err != nil {
				t.Errorf("%d levels: %v", protocol.MaxDepth, err)
			}
			err := protocol.Check(deepest(protocol.MaxDepth/each + 1))
			if err == nil || !strings.HasPrefix(err.Error(), "nested deeper than 512 levels at byte ") {
				t.Errorf("%d levels: error %v", protocol.MaxDepth+each, err)
			}
		})
	}
}

// A closed array or object must leave nothing in the stack for its successor.
func TestCheckKnowsWhatIsOpenAfterDeepNesting(t *testing.T) {
	deep := strings.Repeat(`[{"a":`, 100) + "1" + strings.Repeat("}]", 100)
	for _, c := range []struct {
		value string
		want  bool
	}{
		{`{"a":` + deep + `,"b":[1,2]}`, true},
		{`[` + deep + `,2,` + deep + `]`, true},
		{`[` + deep + `,"b":2]`, false},
		{`{"a":` + deep + `,2}`, false},
	} {
		if got := protocol.Check([]byte(c.value)) == nil; got != c.want {
			t.Errorf("taken is %v, want %v: %.20s…%s", got, c.want, c.value, c.value[len(c.value)-10:])
		}
	}
}

// The scanner looks at eight bytes at once: a byte that matters must be seen wherever
// it stands in them.
func TestCheckSeesEveryByteOfAString(t *testing.T) {
	for n := range 70 {
		for at := range n {
			for _, c := range []byte("\x00\x1f !\"#/[\\]\x7f\x80\xa2\xc3\xdc\xff") {
				b := []byte(`"` + strings.Repeat("x", n) + `"`)
				b[1+at] = c
				want := json.Valid(b) && utf8.Valid(b)
				if got := protocol.Check(b) == nil; got != want {
					t.Fatalf("taken is %v, want %v: %q", got, want, b)
				}
			}
		}
	}
}

func TestCheckKnowsUTF8AsTheStandardLibraryDoes(t *testing.T) {
	edges := []byte{'x', 0x7f, 0x80, 0xbf, 0xc0}
	for first := 0x80; first < 0x100; first++ {
		for second := range 0x100 {
			for _, third := range edges {
				for _, fourth := range edges {
					text := []byte{'"', byte(first), byte(second), third, fourth, 'x', '"'}
					want := json.Valid(text) && utf8.Valid(text)
					if got := protocol.Check(text) == nil; got != want {
						t.Fatalf("taken is %v, want %v: %x", got, want, text)
					}
				}
			}
		}
	}
}

func TestCheckAllocatesNothing(t *testing.T) {
	b := []byte(`{"a":[1,2.5e3,{"b":"é\u00e9"},[[[]]]],"c":null}`)
	if n := testing.AllocsPerRun(100, func() {
		if err := protocol.Check(b); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestCheckAllocatesOnlyItsError(t *testing.T) {
	b := []byte(`{"a":[1,2.5e3,}`)
	var err error
	if n := testing.AllocsPerRun(100, func() { err = protocol.Check(b) }); n != 1 {
		t.Errorf("%v allocations for: %v", n, err)
	}
}
