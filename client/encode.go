package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// operation begins a frame: {"op":NAME,"id":N. The caller adds members and a brace.
func operation(name string, id uint64) []byte {
	b := make([]byte, 0, 256)
	b = append(b, `{"op":"`...)
	b = append(b, name...)
	b = append(b, `","id":`...)
	return strconv.AppendUint(b, id, 10)
}

// appendText adds a member that is a string, where it is not empty.
func appendText(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return appendQuoted(appendName(b, name), value)
}

// appendNumber adds a member that is a number, where it is not 0.
func appendNumber(b []byte, name string, value uint64) []byte {
	if value == 0 {
		return b
	}
	return strconv.AppendUint(appendName(b, name), value, 10)
}

func appendName(b []byte, name string) []byte {
	return append(append(append(b, ',', '"'), name...), '"', ':')
}

// appendQuoted adds a JSON string.
func appendQuoted(b []byte, s string) []byte {
	if isPlain(s) {
		return append(append(append(b, '"'), s...), '"')
	}
	quoted, _ := json.Marshal(s) // of a string there is no error
	return append(b, quoted...)
}

// isPlain reports whether s is the same between quotes.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// quotedSize is how long appendQuoted makes it at most.
func quotedSize(s string) int {
	if isPlain(s) {
		return len(s) + 2
	}
	return 6*len(s) + 2
}

// appendPosition adds a position, or null for that of a topic without history.
func appendPosition(b []byte, p Position) []byte {
	if !p.numbered() {
		return append(b, "null"...)
	}
	b = appendQuoted(append(b, `{"epoch":`...), p.Epoch)
	b = strconv.AppendUint(append(b, `,"seq":`...), p.Seq, 10)
	return append(b, '}')
}

// appendTopics adds the member topics of a frame that unsubscribes.
func appendTopics(b []byte, topics []string) []byte {
	b = append(appendName(b, "topics"), '[')
	for i, topic := range topics {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendQuoted(b, topic)
	}
	return append(b, ']')
}

// checkTopic says what is wrong with a name that no server takes.
func checkTopic(topic string) error {
	if topic == "" || len(topic) > 255 || !utf8.ValidString(topic) {
		return fmt.Errorf("%w: %.40q", ErrInvalidTopic, topic)
	}
	return nil
}

// encodeData makes JSON of what a program gives: a json.RawMessage or a []byte is JSON
// already.
func encodeData(data any) (json.RawMessage, error) {
	var text []byte
	switch data := data.(type) {
	case json.RawMessage:
		text = data
	case []byte:
		text = data
	default:
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(data); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalidData, err)
		}
		return bytes.TrimSuffix(out.Bytes(), []byte{'\n'}), nil
	}
	if !json.Valid(text) || !utf8.Valid(text) {
		return nil, fmt.Errorf("%w: %.40q", ErrInvalidData, text)
	}
	return text, nil
}
