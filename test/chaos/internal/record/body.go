package record

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
)

// ID names a publication: its publisher, and its number there.
type ID uint64

// MakeID makes an ID of a publisher, below 2^20, and a number.
func MakeID(publisher int, n uint32) ID { return ID(uint64(publisher)<<32 | uint64(n)) }

// Publisher is who published it.
func (id ID) Publisher() int { return int(id >> 32) }

// String is "p3#17" for number 17 of publisher 3.
func (id ID) String() string { return fmt.Sprintf("p%d#%d", id>>32, uint32(id)) }

// mostPad is how long the part of a body is, at most, that is there for its bytes alone.
const mostPad = 160

// Body is what is published under that ID to that topic: JSON, all of which follows from
// the two, so that no byte of it can be another without being noticed.
func Body(topic string, id ID) []byte {
	b := make([]byte, 0, len(topic)+mostPad+64)
	b = strconv.AppendUint(append(b, `{"id":`...), uint64(id), 10)
	b = append(strconv.AppendQuote(append(b, `,"of":`...), topic), `,"pad":"`...)
	h := fnv.New64a()
	h.Write(b)
	sum := h.Sum64()
	for n := sum % mostPad; n > 0; n-- {
		sum = sum*6364136223846793005 + 1442695040888963407
		b = append(b, 'a'+byte(sum>>59)%26)
	}
	return append(b, `"}`...)
}

// errBody is of a body that nobody made.
var errBody = errors.New("no body of ours")

// ReadBody finds the ID in a body that came from a topic. The error says that it is not,
// byte for byte, what Body makes.
func ReadBody(topic string, body []byte) (ID, error) {
	rest, ok := bytes.CutPrefix(body, []byte(`{"id":`))
	number, _, found := bytes.Cut(rest, []byte(","))
	if !ok || !found {
		return 0, fmt.Errorf("%w: %.80q", errBody, body)
	}
	n, err := strconv.ParseUint(string(number), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %.80q", errBody, body)
	}
	if want := Body(topic, ID(n)); !bytes.Equal(body, want) {
		return ID(n), fmt.Errorf("the body is altered: %q, not %q", body, want)
	}
	return ID(n), nil
}
