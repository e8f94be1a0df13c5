package client

import (
	"encoding/json"
	"errors"
	"fmt"
)

// frame is what the server sent, cut into its members. What is a slice is part of what
// was read, or of a copy: nil where there is none.
type frame struct {
	id     uint64 // of a reply; 0 if there is none of ours
	topic  []byte // decoded
	event  string
	key    string
	seq    uint64
	data   []byte
	result []byte
	failed []byte // error
}

var errFrame = errors.New("not a JSON object")

// decodeFrame cuts a frame. It looks no deeper than that: values are checked by those who
// read them. Members that it does not know are passed over.
func decodeFrame(text []byte) (f frame, err error) {
	err = eachMember(text, func(name string, value []byte) error {
		var err error
		switch name {
		case "id":
			f.id, _ = parseNumber(value) // an id that is no number is none of ours
		case "topic":
			f.topic, err = unquote(value)
		case "event":
			f.event, err = unquoted(value)
		case "key":
			f.key, err = unquoted(value)
		case "seq":
			var ok bool
			if f.seq, ok = parseNumber(value); !ok {
				err = errors.New("seq is not a number")
			}
		case "data":
			f.data = value
		case "result":
			f.result = value
		case "error":
			f.failed = value
		}
		return err
	})
	if err != nil {
		return frame{}, fmt.Errorf("client: reading a frame: %w", err)
	}
	return f, nil
}

// parseNumber reads a whole number in plain digits.
func parseNumber(text []byte) (n uint64, ok bool) {
	if len(text) == 0 || len(text) > 19 {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, true
}

// unquote decodes a JSON string. Without escapes it is a part of text.
func unquote(text []byte) ([]byte, error) {
	if len(text) < 2 || text[0] != '"' {
		return nil, errors.New("not a string")
	}
	inner := text[1 : len(text)-1]
	for _, c := range inner {
		if c == '\\' || c < ' ' || c > '~' {
			var s string
			if err := json.Unmarshal(text, &s); err != nil {
				return nil, fmt.Errorf("decoding a string: %w", err)
			}
			return []byte(s), nil
		}
	}
	return inner, nil
}

// unquoted is unquote into a string of its own.
func unquoted(text []byte) (string, error) {
	b, err := unquote(text)
	return string(b), err
}
