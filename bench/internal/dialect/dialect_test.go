package dialect_test

import (
	"encoding/json"
	"testing"

	"github.com/livetopics/live/bench/internal/dialect"
)

func named(t *testing.T, name string) dialect.Dialect {
	t.Helper()
	d, err := dialect.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEveryMessageOfEveryDialectIsJSON(t *testing.T) {
	for _, name := range []string{"founding", "centrifuge", "operations"} {
		d := named(t, name)
		for what, m := range map[string][]byte{
			"hello": d.Hello(), "subscribe": d.Subscribe("room"), "pong": d.Pong(),
			"publish":  d.Publish("room", []byte(`{"a":1}`)),
			"delivery": d.Delivery("room", []byte(`{"a":1}`)),
		} {
			if m != nil && !json.Valid(m) {
				t.Errorf("%s: %s is %q, which is not JSON", name, what, m)
			}
		}
	}
}

func TestAnswersAreKnownAndErrorsAreNotTakenForThem(t *testing.T) {
	for _, c := range []struct {
		dialect, message string
		want             dialect.Kind
	}{
		{"founding", `{"topic":"subscribed","data":{}}`, dialect.Subscribed},
		{"operations", `{"id":1,"result":{}}`, dialect.Subscribed},
		{"numbered", `{"id":1,"result":{"epoch":"e","seq":1,"head":1}}`, dialect.Subscribed},
		{"operations", `{"id":1,"error":{"code":"forbidden","message":"no"}}`, dialect.Unexpected},
		{"operations", `{"error":{"code":"rate_limited","message":"no"}}`, dialect.Unexpected},
		{"founding", `{"topic":"error","data":{"code":"bad_request"}}`, dialect.Unexpected},
		{"centrifuge", `{}`, dialect.Ping},
		{"centrifuge", `{"id":1,"connect":{"client":"x","ping":25,"pong":true}}`, dialect.Greeted},
		{"centrifuge", `{"id":2,"subscribe":{}}`, dialect.Subscribed},
		{"centrifuge", `{"id":3,"publish":{}}`, dialect.Published},
		{"centrifuge", `{"id":2,"error":{"code":103,"message":"permission denied"}}`, dialect.Unexpected},
		{"centrifuge", `{"push":{"channel":"other"}}`, dialect.Unexpected},
		{"centrifuge", `{"id":`, dialect.Unexpected},
	} {
		if got := named(t, c.dialect).Kind([]byte(c.message)); got != c.want {
			t.Errorf("%s: %s is of kind %d, not %d", c.dialect, c.message, got, c.want)
		}
	}
}

func TestCutSplitsAFrameIntoItsMessages(t *testing.T) {
	message, rest := named(t, "centrifuge").Cut([]byte("{}\n{\"a\":1}"))
	if string(message) != "{}" || string(rest) != `{"a":1}` {
		t.Errorf("got %q and %q", message, rest)
	}
	message, rest = named(t, "founding").Cut([]byte("{}"))
	if string(message) != "{}" || rest != nil {
		t.Errorf("got %q and %q", message, rest)
	}
}

func TestNamedRefusesAnUnknownDialect(t *testing.T) {
	if _, err := dialect.Named("klingon"); err == nil {
		t.Error("an unknown dialect was accepted")
	}
}

func TestTheNumberOfADeliveryIsCutOff(t *testing.T) {
	d := named(t, "numbered")
	whole := string(d.Delivery("room", []byte(`{"a":1}`)))
	for _, c := range []struct{ payload, want string }{
		{`{"topic":"room","data":{"a":1},"seq":1}`, whole},
		{`{"topic":"room","data":{"a":1},"seq":123456}`, whole},
		{`{"topic":"room","data":{"a":1}}`, `{"topic":"room","data":{"a":1}}`},
		{`{"topic":"room","data":{"a":1},"seq":}`, `{"topic":"room","data":{"a":1},"seq":}`},
		{`{"topic":"room","data":{"a":1},"seq":12`, `{"topic":"room","data":{"a":1},"seq":12`},
		{`{"topic":"room","data":{"a":1},"key":12}`, `{"topic":"room","data":{"a":1},"key":12}`},
		{`{"id":1,"result":{"epoch":"e","seq":0,"head":0}}`, `{"id":1,"result":{"epoch":"e","seq":0,"head":0}}`},
		{``, ``},
		{`}`, `}`},
		{`1}`, `1}`},
	} {
		message, rest := d.Cut([]byte(c.payload))
		if string(message) != c.want || len(rest) != 0 {
			t.Errorf("%s is cut to %s and %s, want %s", c.payload, message, rest, c.want)
		}
	}
}

func TestTheOffsetOfADeliveryIsCutOff(t *testing.T) {
	d := named(t, "positioned")
	whole := string(d.Delivery("room", []byte(`{"a":1}`)))
	payload := `{"push":{"channel":"room","pub":{"data":{"a":1},"offset":7}}}` + "\n" +
		`{"push":{"channel":"room","pub":{"data":{"a":1},"offset":12345}}}` + "\n" +
		`{"push":{"channel":"room","pub":{"data":{"a":1},"offset":9,"epoch":"pSMfPClG"}}}` + "\n" +
		`{"push":{"channel":"room","pub":{"data":{"a":1}}}}`
	for _, want := range []string{whole, whole, whole, `{"push":{"channel":"room","pub":{"data":{"a":1}}}}`} {
		message, rest := d.Cut([]byte(payload))
		if string(message) != want {
			t.Errorf("got %s, want %s", message, want)
		}
		payload = string(rest)
	}
}

func FuzzCut(f *testing.F) {
	f.Add([]byte(`{"topic":"room","data":1,"seq":7}`))
	f.Add([]byte("{}\n{}"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		for _, name := range []string{"founding", "centrifuge", "positioned", "operations", "numbered"} {
			d, left := named(t, name), payload
			for len(left) > 0 {
				message, rest := d.Cut(left)
				if len(message) > len(left) || len(rest) >= len(left) {
					t.Fatalf("%s: %q is cut to %q and %q", name, left, message, rest)
				}
				left = rest
			}
		}
	})
}
