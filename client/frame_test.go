package client_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/livetopics/live/client"
)

func TestFramesAreCut(t *testing.T) {
	for text, want := range map[string]client.Frame{
		`{}`:                     {},
		`{"topic":"a","data":1}`: {Topic: "a", Data: "1"},
		` { "data" : [ "}\"" ] , "topic":"\u00e4ö"} `: {Topic: "äö", Data: `[ "}\"" ]`},
		`{"topic":"a","data":{"x":[{}]},"seq":9007199254740991,"key":"k","new":null}`: {
			Topic: "a", Data: `{"x":[{}]}`, Seq: 9007199254740991, Key: "k",
		},
		`{"id":7,"result":{}}`:                       {ID: 7, Result: "{}"},
		`{"id":"7","error":{"code":"c"}}`:            {Error: `{"code":"c"}`},
		`{"\u0074opic":"a","event":"gap","data":-1}`: {Topic: "a", Event: "gap", Data: "-1"},
	} {
		got, err := client.DecodeFrame([]byte(text))
		if err != nil || got != want {
			t.Errorf("%s is %+v, %v", text, got, err)
		}
	}
}

func TestWhatIsNoFrameIsRefused(t *testing.T) {
	for _, text := range []string{
		``, ` `, `[]`, `7`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{"a":"`, `{"a":"\"}`, `{"a":[}`, `{a:1}`,
		`{"a" 1}`, `{"a":1}{}`, `{"a":1 "b":2}`, `{"topic":7}`, `{"event":null}`, `{"key":{}}`, `{"seq":-1}`, `{"seq":1e3}`,
		`{"seq":99999999999999999999}`, `{"topic":"\x"}`, `{,}`, `{"a":}`,
	} {
		if f, err := client.DecodeFrame([]byte(text)); err == nil {
			t.Errorf("%s is %+v", text, f)
		}
	}
}

func TestTheServersFramesAreRead(t *testing.T) {
	text, err := os.ReadFile("../internal/protocol/testdata/outbound.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct{ Frame, Topic, Data string }
	}
	if err := json.Unmarshal(text, &file); err != nil || len(file.Cases) == 0 {
		t.Fatalf("%d cases, %v", len(file.Cases), err)
	}
	for _, c := range file.Cases {
		f, err := client.DecodeFrame([]byte(c.Frame))
		if err != nil || c.Topic != "" && f.Topic != c.Topic || f.Data == "" {
			t.Errorf("%s is %+v, %v", c.Frame, f, err)
		}
	}
}

// FuzzFrame holds the decoder against encoding/json: what that takes is cut at the same
// places, and whatever comes, nothing panics.
func FuzzFrame(f *testing.F) {
	for _, seed := range []string{
		`{"topic":"a","data":1,"seq":1}`, `{"id":1,"result":{"topics":{"a":{"epoch":"E","seq":0,"head":0},"b:*":{},"c":{}}}}`,
		`{"topic":"a","event":"gap","data":{"from":1,"to":2}}`, `{"topic":"c","event":"join","data":{"user":"u"}}`,
		`{"event":"drain","data":{"reconnect_ms":1e999}}`, `{"topic":"\ud800","data":"\"}"}`, `{"topic":"a","event":"revoked"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		client.DecodeFrame(text)
		client.Feed(bytes.Split(text, []byte{'\n'})...)
		if !json.Valid(text) {
			return
		}
		var whole map[string]json.RawMessage
		if err := json.Unmarshal(text, &whole); err != nil || whole == nil {
			return
		}
		want := make(map[string]string)
		for name, value := range whole {
			want[name] = string(value)
		}
		if got, err := client.Split(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is cut into %v, %v; want %v", text, got, err, want)
		}
	})
}
