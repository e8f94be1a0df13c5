package natsbroker

import (
	"encoding/binary"

	"github.com/livetopics/live/broker"
)

// A publication goes through NATS as
//
//	1 byte     64 and what follows: 1 key, 2 origin, 4 sum, 8 id
//	8 bytes    id: tells publications apart that come twice
//	8 bytes    sum: what a repeat of its Dedup has to be equal in
//	n, bytes   key, its length before it
//	n, bytes   origin, likewise
//	the rest   data
//
// rather than with headers of NATS, which cost more at both ends.
const (
	hasKey = 1 << iota
	hasOrigin
	hasSum
	hasID
	frameOne = 64 // the version
)

// frame is what goes with the data.
type frame struct {
	id, sum uint64 // 0 for none
	m       broker.Publication
}

// appendFrame appends a message as it goes through NATS. id and sum are 0 for none.
func appendFrame(dst []byte, m *broker.Message, id, sum uint64) []byte {
	head := byte(frameOne)
	at := len(dst)
	dst = append(dst, head)
	if id != 0 {
		head |= hasID
		dst = binary.BigEndian.AppendUint64(dst, id)
	}
	if sum != 0 {
		head |= hasSum
		dst = binary.BigEndian.AppendUint64(dst, sum)
	}
	if m.Key != "" {
		head |= hasKey
		dst = append(binary.AppendUvarint(dst, uint64(len(m.Key))), m.Key...)
	}
	if m.Origin != "" {
		head |= hasOrigin
		dst = append(binary.AppendUvarint(dst, uint64(len(m.Origin))), m.Origin...)
	}
	dst[at] = head
	return append(dst, m.Data...)
}

// parseFrame undoes appendFrame. The data are those of b. It reports false for what
// appendFrame does not make.
func parseFrame(b []byte, f *frame) bool {
	*f = frame{}
	if len(b) == 0 || b[0]&^15 != frameOne {
		return false
	}
	head := b[0]
	b = b[1:]
	for _, n := range []struct {
		bit byte
		to  *uint64
	}{{hasID, &f.id}, {hasSum, &f.sum}} {
		if head&n.bit == 0 {
			continue
		}
		if len(b) < 8 {
			return false
		}
		*n.to = binary.BigEndian.Uint64(b)
		b = b[8:]
	}
	for _, s := range []struct {
		bit byte
		to  *string
	}{{hasKey, &f.m.Key}, {hasOrigin, &f.m.Origin}} {
		if head&s.bit == 0 {
			continue
		}
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return false
		}
		*s.to = string(b[n : n+int(size)])
		b = b[n+int(size):]
	}
	f.m.Data = b
	return true
}
