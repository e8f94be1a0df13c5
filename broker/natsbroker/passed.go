package natsbroker

import (
	"encoding/binary"

	"github.com/nats-io/nats.go"
)

// passedMost is how many publications of the stream of those with a Dedup are known; a
// power of two.
const passedMost = 1 << 14

// passed are the ids of the publications that the stream of those with a Dedup passed on
// last, each at its number's place. A new leader can pass on again what the old one had
// passed on just before it died; the id, and not the number alone, says that it is the
// same, for a stream that was lost begins anew.
type passed []uint64

// again reports whether a publication came already, and remembers it. What was not
// passed on by a stream never did.
func (p *passed) again(m *nats.Msg) bool {
	if len(m.Header) == 0 || len(m.Data) < 9 || m.Data[0]&hasID == 0 {
		return false
	}
	seq, ok := number(m.Header, "Nats-Sequence")
	if !ok {
		return false
	}
	if *p == nil {
		*p = make(passed, passedMost) // for those who need it
	}
	id := binary.BigEndian.Uint64(m.Data[1:])
	at := &(*p)[seq%passedMost]
	if *at == id {
		return true
	}
	*at = id
	return false
}
