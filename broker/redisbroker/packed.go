package redisbroker

import (
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"unsafe"

	"github.com/livetopics/live/broker"
)

// A packed publication is what the server stores and spreads of it:
//
//	uvarint  length of key, then key
//	uvarint  length of origin, then origin
//	data
//
// On a channel there is before it: p where the topic has no history, or w name: if it
// goes two ways; and h epoch:number:time: where the topic has history.

var errPacked = errors.New("not a publication of this broker's")

// pack packs a message. The text is made of memory of its own.
func pack(m *broker.Message) string {
	b := make([]byte, 0, 2*binary.MaxVarintLen32+len(m.Key)+len(m.Origin)+len(m.Data))
	b = appendText(b, m.Key)
	b = appendText(b, m.Origin)
	b = append(b, m.Data...)
	return unsafe.String(unsafe.SliceData(b), len(b))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// unpack sets p's Key, Origin and Data, which are parts of the text.
func unpack(packed string, p *broker.Publication) error {
	key, rest, ok := cutText(packed)
	if !ok {
		return errPacked
	}
	origin, data, ok := cutText(rest)
	if !ok {
		return errPacked
	}
	p.Key, p.Origin = key, origin
	// A text is never written to, as is what a Deliver gets.
	p.Data = unsafe.Slice(unsafe.StringData(data), len(data))
	return nil
}

func cutText(s string) (text, rest string, ok bool) {
	n, size := uint64(0), 0
	for {
		if size == len(s) || size == binary.MaxVarintLen32 {
			return "", "", false
		}
		c := s[size]
		n |= uint64(c&0x7f) << (7 * size)
		size++
		if c < 0x80 {
			break
		}
	}
	s = s[size:]
	if n > uint64(len(s)) {
		return "", "", false
	}
	return s[:n], s[n:], true
}

// arrival is what came on a channel. The epoch is "" where there is no history.
type arrival struct {
	epoch string
	id    string // without history: the publication's own, if it goes two ways
	broker.Publication
}

// unpackArrival reads what came on a channel.
func unpackArrival(s string) (a arrival, err error) {
	if s == "" {
		return a, errPacked
	}
	kind, s := s[0], s[1:]
	switch kind {
	case 'p':
	case 'w':
		var ok bool
		if a.id, s, ok = strings.Cut(s, ":"); !ok || a.id == "" {
			return a, errPacked
		}
	case 'h':
		if s, err = a.place(s); err != nil {
			return a, err
		}
	default:
		return a, errPacked
	}
	return a, unpack(s, &a.Publication)
}

// place reads the epoch, number and time, and returns what is after them.
func (a *arrival) place(s string) (rest string, err error) {
	epoch, s, ok1 := strings.Cut(s, ":")
	seq, s, ok2 := strings.Cut(s, ":")
	at, s, ok3 := strings.Cut(s, ":")
	if !ok1 || !ok2 || !ok3 || epoch == "" {
		return "", errPacked
	}
	a.epoch = epoch
	if a.Seq, err = strconv.ParseUint(seq, 10, 53); err != nil || a.Seq == 0 {
		return "", errPacked
	}
	if a.At, err = strconv.ParseInt(at, 10, 64); err != nil {
		return "", errPacked
	}
	return s, nil
}

// unpackEntry reads an entry of a stream: its ID, which is number-time, and itself.
func unpackEntry(id, packed string) (p broker.Publication, err error) {
	seq, at, ok := strings.Cut(id, "-")
	if !ok {
		return p, errPacked
	}
	if p.Seq, err = strconv.ParseUint(seq, 10, 53); err != nil {
		return p, errPacked
	}
	if p.At, err = strconv.ParseInt(at, 10, 64); err != nil {
		return p, errPacked
	}
	return p, unpack(packed, &p)
}
