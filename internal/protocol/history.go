package protocol

import "strconv"

// Entry is one publication that a topic remembers.
type Entry struct {
	Seq  uint64 // its number in the topic's epoch
	Data []byte // JSON that has passed Check
	Key  string // "": none
	At   int64  // when it was accepted, in Unix milliseconds
}

// AppendHistory appends the result of a history operation to dst:
//
//	{"epoch":"e","seq":12,"publications":[{"seq":11,"data":…,"key":"k","at":1700000000000},…]}
//
// epoch and seq are the topic's position, the entries stand in the order given. A key
// that is empty is left out; data is written as AppendData does, empty data becomes
// null. It allocates nothing where dst has room.
func AppendHistory(dst []byte, epoch string, seq uint64, entries []Entry) []byte {
	dst = appendEpochAndSeq(append(dst, '{'), epoch, seq)
	dst = append(dst, `,"publications":[`...)
	for i := range entries {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = entries[i].append(dst)
	}
	return append(dst, `]}`...)
}

func (e *Entry) append(dst []byte) []byte {
	dst = append(dst, `{"seq":`...)
	dst = strconv.AppendUint(dst, e.Seq, 10)
	dst = append(dst, messageMiddle...)
	dst = appendValue(dst, e.Data)
	dst = appendKey(dst, e.Key)
	dst = append(dst, `,"at":`...)
	dst = strconv.AppendInt(dst, e.At, 10)
	return append(dst, '}')
}
