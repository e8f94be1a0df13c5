package protocol

import "strconv"

// Position is a place in a topic's stream: after the publication Seq of Epoch.
type Position struct {
	Epoch string // at most 64 bytes; where it is another, numbers mean nothing
	Seq   uint64 // below 2^53
}

// AppendPosition appends {"epoch":…,"seq":…} to dst: a Position on the wire, and the
// result of a publish on a topic with history. It allocates nothing where dst has
// room.
func AppendPosition(dst []byte, epoch string, seq uint64) []byte {
	dst = appendEpochAndSeq(append(dst, '{'), epoch, seq)
	return append(dst, '}')
}

func appendEpochAndSeq(dst []byte, epoch string, seq uint64) []byte {
	dst = append(dst, `"epoch":`...)
	dst = AppendString(dst, epoch)
	dst = append(dst, `,"seq":`...)
	return strconv.AppendUint(dst, seq, 10)
}

// positionNames are what a refusal calls a position and its parts.
type positionNames struct{ whole, epoch, seq member }

var (
	positionOfSince  = positionNames{memberSince, sinceEpoch, sinceSeq}
	positionOfTopics = positionNames{topicsPosition, topicsEpoch, topicsSeq}
)

// read fills p from an object that the scanner has passed: epoch and seq, both there
// once, nothing else.
func (p *Position) read(raw []byte, is positionNames) flaw {
	if raw[0] != '{' {
		return flaw{notPosition, is.whole}
	}
	var epoch, seq []byte
	o := object{b: raw}
	for o.open(); o.next(); {
		var escaped escapedName
		part, m := &epoch, is.epoch
		switch string(escaped.decoded(o.name)) {
		case "epoch":
		case "seq":
			part, m = &seq, is.seq
		default:
			return flaw{positionUnknown, is.whole}
		}
		if *part != nil {
			return flaw{repeatedWithin, m}
		}
		*part = o.value
	}
	if epoch == nil {
		return flaw{missingWithin, is.epoch}
	}
	if seq == nil {
		return flaw{missingWithin, is.seq}
	}
	if f := readString(&p.Epoch, epoch, is.epoch); f != 0 {
		return flaw{f, is.epoch}
	}
	return flaw{readNumber(&p.Seq, seq, is.seq), is.seq}
}
