package protocol

import (
	"bytes"
	"math/bits"
	"strings"
)

// member is something in a frame that a refusal can be about; 0 is none.
type member uint8

// The members of a frame, in the order in which their faults are reported; then what
// stands inside of them.
const (
	memberOp member = iota + 1
	memberID
	memberTopic
	memberTopics
	memberData
	memberSince
	memberLast
	memberLimit
	memberBefore
	memberPresence
	memberKey
	memberDedup
	memberEcho
	memberCount // how many there are, and one

	sinceEpoch member = iota
	sinceSeq
	dataToken
	topicsName
	topicsPosition
	topicsEpoch
	topicsSeq
)

// What values may be. An epoch is made by a broker, a key and a dedup by a client,
// and all are stored per publication or session. A seq fits in the whole numbers of
// a double, which is what JavaScript has.
const (
	maxID     = 64
	maxEpoch  = 64
	maxKey    = 128
	maxToken  = 16 << 10
	maxSeq    = 1<<53 - 1
	maxNumber = 1_000_000
)

// memberRules are the members' names in a sentence, and the range of what they hold:
// bytes of a decoded string, or a whole number.
var memberRules = [...]struct {
	name     string
	min, max uint64
}{
	memberOp:       {name: "op"},
	memberID:       {"id", 0, maxID},
	memberTopic:    {"topic", 1, MaxTopic},
	memberTopics:   {name: "topics"},
	memberData:     {name: "data"},
	memberSince:    {name: "since"},
	memberLast:     {"last", 1, maxNumber},
	memberLimit:    {"limit", 1, maxNumber},
	memberBefore:   {"before", 1, maxSeq},
	memberPresence: {name: "presence"},
	memberKey:      {"key", 1, maxKey},
	memberDedup:    {"dedup", 1, maxKey},
	memberEcho:     {name: "echo"},

	sinceEpoch:     {"since.epoch", 0, maxEpoch},
	sinceSeq:       {"since.seq", 0, maxSeq},
	dataToken:      {"data.token", 1, maxToken},
	topicsName:     {"a name in topics", 1, MaxTopic},
	topicsPosition: {name: "a position in topics"},
	topicsEpoch:    {"an epoch in topics", 0, maxEpoch},
	topicsSeq:      {"a seq in topics", 0, maxSeq},
}

// longestName is the length of the longest name of a member that we know, decoded:
// those of the frame, and epoch, seq and token within.
const longestName = len("presence")

// escapedName is room for such a name with every character written as an escape: a
// longer one need not be decoded.
type escapedName [longestName * len(`\u0000`)]byte

// decoded is name without its escapes; or as it came, where it has none or cannot be
// a name of ours. JSON knows no difference between a character and its escape (RFC
// 8259, section 8.3).
func (room *escapedName) decoded(name []byte) []byte {
	if len(name) > len(room) || bytes.IndexByte(name, '\\') < 0 {
		return name
	}
	return appendUnescaped(room[:0], name)
}

// memberNamed is the member of a frame with that name, decoded; 0 for one that is
// not ours.
func memberNamed(name []byte) member {
	switch string(name) {
	case "op":
		return memberOp
	case "id":
		return memberID
	case "topic":
		return memberTopic
	case "topics":
		return memberTopics
	case "data":
		return memberData
	case "since":
		return memberSince
	case "last":
		return memberLast
	case "limit":
		return memberLimit
	case "before":
		return memberBefore
	case "presence":
		return memberPresence
	case "key":
		return memberKey
	case "dedup":
		return memberDedup
	case "echo":
		return memberEcho
	}
	return 0
}

// memberSet is a set of the members of a frame.
type memberSet uint16

func setOf(members ...member) (s memberSet) {
	for _, m := range members {
		s |= 1 << m
	}
	return s
}

func (s memberSet) has(m member) bool { return s>>m&1 == 1 }

// first is the lowest member of the set, 0 where it is empty.
func (s memberSet) first() member {
	if s == 0 {
		return 0
	}
	return member(bits.TrailingZeros16(uint16(s)))
}

// String lists the members' names, in order, for a sentence.
func (s memberSet) String() string {
	var names []string
	for ; s != 0; s &= s - 1 {
		names = append(names, memberRules[s.first()].name)
	}
	return strings.Join(names, ", ")
}
