package protocol_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
)

// vector is a case of testdata/inbound.json or outbound.json.
type vector struct {
	Name string

	Frame string // as text
	Hex   string // in its place, where it is not UTF-8

	Topic    string
	TopicHex string `json:"topic_hex"`
	Data     string

	Error         string // inbound: the message of the error frame
	Code, Message string // outbound: of the error frame
}

func (v vector) frame(t testing.TB) []byte { return textOrHex(t, v.Frame, v.Hex) }

func (v vector) topic(t testing.TB) string { return string(textOrHex(t, v.Topic, v.TopicHex)) }

func textOrHex(t testing.TB, text, digits string) []byte {
	t.Helper()
	if digits == "" {
		return []byte(text)
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func vectors(t testing.TB, file string) []vector {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []vector }
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if len(all.Cases) == 0 {
		t.Fatalf("%s has no cases", file)
	}
	return all.Cases
}
