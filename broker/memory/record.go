package memory

import (
	"encoding/binary"
	"math/bits"

	"github.com/livetopics/live/broker"
)

// A record is one publication as it is kept. Its number is not in it: numbers
// grow by one from the first of its segment.
//
//	uvarint   length of data, times four, plus hasKey, plus hasOrigin
//	uvarint   milliseconds since the record before
//	[uvarint  length of key, then key]         with hasKey
//	[uvarint  length of origin, then origin]   with hasOrigin
//	data
const (
	hasKey = 1 << iota
	hasOrigin
	flagBits = iota
)

// recordHead is the first number of m's record.
func recordHead(m *broker.Message) uint64 {
	head := uint64(len(m.Data)) << flagBits
	if m.Key != "" {
		head |= hasKey
	}
	if m.Origin != "" {
		head |= hasOrigin
	}
	return head
}

// recordSize returns how many bytes m's record has.
func recordSize(m *broker.Message, after uint64) int {
	n := uvarintSize(recordHead(m)) + uvarintSize(after) + len(m.Data)
	if m.Key != "" {
		n += uvarintSize(uint64(len(m.Key))) + len(m.Key)
	}
	if m.Origin != "" {
		n += uvarintSize(uint64(len(m.Origin))) + len(m.Origin)
	}
	return n
}

// appendRecord appends m's record, so many milliseconds after the one before.
func appendRecord(b []byte, m *broker.Message, after uint64) []byte {
	b = binary.AppendUvarint(b, recordHead(m))
	b = binary.AppendUvarint(b, after)
	if m.Key != "" {
		b = appendText(b, m.Key)
	}
	if m.Origin != "" {
		b = appendText(b, m.Origin)
	}
	return append(b, m.Data...)
}

// skipRecord returns where the record after that at off begins, and how many
// milliseconds that at off is after the one before.
func skipRecord(b []byte, off int) (next int, after uint64) {
	head, off := uvarint(b, off)
	after, off = uvarint(b, off)
	if head&hasKey != 0 {
		off = skipText(b, off)
	}
	if head&hasOrigin != 0 {
		off = skipText(b, off)
	}
	return off + int(head>>flagBits), after
}

// readRecord does as skipRecord, and sets p's Key, Origin and Data. Data is a
// part of b without room to grow.
func readRecord(b []byte, off int, p *broker.Publication) (next int, after uint64) {
	head, off := uvarint(b, off)
	after, off = uvarint(b, off)
	p.Key, p.Origin = "", ""
	if head&hasKey != 0 {
		p.Key, off = readText(b, off)
	}
	if head&hasOrigin != 0 {
		p.Origin, off = readText(b, off)
	}
	next = off + int(head>>flagBits)
	p.Data = b[off:next:next]
	return next, after
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func skipText(b []byte, off int) int {
	n, off := uvarint(b, off)
	return off + int(n)
}

func readText(b []byte, off int) (string, int) {
	n, off := uvarint(b, off)
	return string(b[off : off+int(n)]), off + int(n)
}

// uvarint reads the number at off, and returns what is after it.
func uvarint(b []byte, off int) (uint64, int) {
	v, n := binary.Uvarint(b[off:])
	return v, off + n
}

func uvarintSize(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }
