// Package stamp puts a sequence number and a send time into a publication's data, at fixed offsets, and
// reads them back from a delivery while checking every other byte of it. Neither allocates.
package stamp

import (
	"bytes"
	"fmt"
)

// The layout of data. Both numbers have a fixed width, which their leading 1 keeps, and stay below
// 2^53, so that any JSON decoder on the way would keep them too:
//
//	{"seq":1000000042,"at":1000000000123456,"pad":"xxxxx"}
//	       ^ 10 digits     ^ 16 digits
const (
	opening  = `{"seq":`
	between  = `,"at":`
	padding  = `,"pad":"`
	closing  = `"}`
	seqWidth = 10
	atWidth  = 16
	seqBase  = 1_000_000_000
	atBase   = 1_000_000_000_000_000

	seqOffset = len(opening)
	atOffset  = seqOffset + seqWidth + len(between)
	padOffset = atOffset + atWidth + len(padding)
)

// MinData is the shortest data, in bytes, that has room for both numbers.
const MinData = padOffset + len(closing)

// MaxSeq is the largest sequence number that fits.
const MaxSeq = 9*seqBase - 1

// Message is one message as it stands on the wire, the same bytes every time but for the two numbers.
// Not safe for concurrent use.
type Message struct {
	bytes []byte
	seq   int // offset of the sequence number
	at    int // offset of the send time
}

// New returns the message that wrap builds around data of size bytes, filled up with the letter pad, by which
// messages of one form can be told from those of another. It fails where size is below MinData, or where wrap does
// not embed data as it is.
func New(size int, pad byte, wrap func(data []byte) []byte) (*Message, error) {
	if size < MinData {
		return nil, fmt.Errorf("stamp: data of %d bytes has no room for a stamp: %d are needed", size, MinData)
	}
	data := fmt.Appendf(nil, "%s%d%s%d%s%s%s", opening, seqBase, between, atBase, padding,
		bytes.Repeat([]byte{pad}, size-MinData), closing)
	message := wrap(data)
	at := bytes.Index(message, data)
	if at < 0 {
		return nil, fmt.Errorf("stamp: the message %q does not hold its data as it is", message)
	}
	return &Message{bytes: message, seq: at + seqOffset, at: at + atOffset}, nil
}

// Size is the length of the whole message in bytes.
func (m *Message) Size() int { return len(m.bytes) }

// Put returns the message with these numbers: seq at most MaxSeq, at in nanoseconds since the load
// began, below 2^52. The slice holds until the next Put.
func (m *Message) Put(seq uint64, at int64) []byte {
	put(m.bytes[m.seq:m.seq+seqWidth], seqBase+seq)
	put(m.bytes[m.at:m.at+atWidth], atBase+uint64(at))
	return m.bytes
}

// Take reads the numbers of b. ok is false unless every other byte of b is the message's own.
func (m *Message) Take(b []byte) (seq uint64, at int64, ok bool) {
	if len(b) != len(m.bytes) ||
		!bytes.Equal(b[:m.seq], m.bytes[:m.seq]) ||
		!bytes.Equal(b[m.seq+seqWidth:m.at], m.bytes[m.seq+seqWidth:m.at]) ||
		!bytes.Equal(b[m.at+atWidth:], m.bytes[m.at+atWidth:]) {
		return 0, 0, false
	}
	s, okSeq := take(b[m.seq : m.seq+seqWidth])
	a, okAt := take(b[m.at : m.at+atWidth])
	if !okSeq || !okAt || s < seqBase || a < atBase {
		return 0, 0, false
	}
	return s - seqBase, int64(a - atBase), true
}

// put writes n in decimal over the whole of dst.
func put(dst []byte, n uint64) {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
}

// take reads a decimal number that fills b.
func take(b []byte) (n uint64, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, true
}
