package memory

import (
	"encoding/binary"
	"slices"
)

// A segment is a run of records in one piece of memory without pointers: the
// number of its first record and the time that this record's counts from, both
// as uvarint, then the records. Bytes are added at its end and never changed,
// so that who has a part of it may keep it.
type segment = []byte

// The sizes of segments in bytes. A log that holds little, as most do, gets
// segments that grow with their records, up to the smallest size. One that holds
// more gets a share of it at once, up to the largest.
const (
	smallestSegment = 640
	largestSegment  = 16 << 10
	segmentShare    = 8
)

// newSegment makes a segment with room for size bytes of records.
func newSegment(first uint64, base int64, size int) segment {
	head := uvarintSize(first) + uvarintSize(uint64(base))
	// Grow makes use of all that the allocator gives.
	s := slices.Grow(segment(nil), head+size)
	s = binary.AppendUvarint(s, first)
	return binary.AppendUvarint(s, uint64(base))
}

// readSegment returns what s begins with, and where its records begin.
func readSegment(s segment) (first uint64, base int64, off int) {
	first, off = uvarint(s, 0)
	at, off := uvarint(s, off)
	return first, int64(at), off
}

// regrown returns a copy of s from off on, where a record begins that is the
// first now, with room for size more bytes.
func regrown(s segment, off int, first uint64, base int64, size int) segment {
	rest := s[off:]
	return append(newSegment(first, base, len(rest)+size), rest...)
}

func segmentFirst(s segment) uint64 { first, _, _ := readSegment(s); return first }

func segmentBase(s segment) int64 { _, base, _ := readSegment(s); return base }
