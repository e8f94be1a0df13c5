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
	for _, name := range []string{"founding", "centrifuge"} {
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
