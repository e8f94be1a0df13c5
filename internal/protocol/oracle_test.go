package protocol_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/livetopics/live/internal/protocol"
)

// The oracles say by the standard library, slowly and by other means, what the
// package under test must say.

// isValue is the oracle of Check.
func isValue(b []byte) bool {
	return utf8.Valid(b) && json.Valid(b) && depth(b) <= protocol.MaxDepth
}

// depth is how many arrays and objects are open at once in a valid JSON text.
func depth(b []byte) (deepest int) {
	open := 0
	for _, c := range quoted.ReplaceAll(b, nil) {
		switch c {
		case '[', '{':
			open++
			deepest = max(deepest, open)
		case ']', '}':
			open--
		}
	}
	return deepest
}

var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// members is the oracle of Split: the raw values of an object's members, and the
// first name that is not of the envelope; ok is false for a frame to be refused.
func members(frame []byte) (values map[string]json.RawMessage, unknown *string, ok bool) {
	if !utf8.Valid(frame) || !json.Valid(frame) || depth(frame) > protocol.MaxDepth+1 {
		return nil, nil, false
	}
	d := json.NewDecoder(bytes.NewReader(frame))
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return nil, nil, false
	}
	values = map[string]json.RawMessage{}
	twice := false
	for d.More() {
		token, err := d.Token()
		name, isString := token.(string)
		var value json.RawMessage
		if err != nil || !isString || d.Decode(&value) != nil {
			return nil, nil, false
		}
		_, again := values[name]
		switch name {
		case "topic", "data", "op", "id":
			if again {
				twice = true
			} else {
				values[name] = value
			}
		default:
			if unknown == nil {
				unknown = &name
			}
		}
	}
	return values, unknown, values["op"] != nil || !twice && goodTopic(values["topic"])
}

// goodTopic tells whether a member can be a topic.
func goodTopic(raw json.RawMessage) bool {
	if raw == nil {
		return false
	}
	var name *string
	if json.Unmarshal(raw, &name) != nil || name == nil {
		return false
	}
	return *name != "" && len(*name) <= protocol.MaxTopic && !halfPair(raw)
}

var unit = regexp.MustCompile(`\\u[0-9a-fA-F]{4}|\\.|(?s:.)`)

// halfPair tells whether a JSON string has an escaped surrogate without its other
// half: read as UTF-16, unit by unit.
func halfPair(raw []byte) bool {
	var units []uint16
	for _, u := range unit.FindAll(raw, -1) {
		n := uint64('x')
		if len(u) == 6 && u[1] == 'u' {
			n, _ = strconv.ParseUint(string(u[2:]), 16, 16)
		}
		units = append(units, uint16(n))
	}
	// Decoding makes U+FFFD of a half, which does not encode to it again.
	return !slices.Equal(utf16.Encode(utf16.Decode(units)), units)
}
