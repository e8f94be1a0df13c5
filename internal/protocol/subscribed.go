package protocol

import "strconv"

// Subscribed is what a client learns of a topic that it has just subscribed to. The
// zero value is that of a topic which remembers nothing: {}.
type Subscribed struct {
	// Where the stream goes on.
	HasPosition bool   // the topic has positions: Epoch and Seq are given
	Epoch       string // of Seq and Head
	Seq         uint64 // the stream goes on after it
	HasHead     bool   // Head is given
	Head        uint64 // the newest seq at that moment

	// What became of the client's since; nil where it gave none.
	Recovered *bool
	Lost      bool   // a part is gone
	LostFrom  uint64 // its first seq; 0 where that is not known, as in another epoch
	LostTo    uint64 // its last

	Snapshot []byte // the topic's state as JSON that has passed Check, without what comes after Seq; nil: none
	Members  []byte // a JSON array of what AppendMember makes; nil: not asked for
	Count    int    // how many there are in all; given with Members, and alone where it is not 0
}

// AppendSubscribed appends the result of a subscribe to one topic to dst:
//
//	{"epoch":"e","seq":160,"head":170,"recovered":false,"lost":{"from":101,"to":160}}
//
// with "snapshot", "members" and "count" behind, each only where s has it. It
// allocates nothing where dst has room.
func AppendSubscribed(dst []byte, s *Subscribed) []byte {
	start := len(dst)
	if s.HasPosition {
		dst = append(dst, ',')
		dst = appendEpochAndSeq(dst, s.Epoch, s.Seq)
	}
	if s.HasHead {
		dst = append(dst, `,"head":`...)
		dst = strconv.AppendUint(dst, s.Head, 10)
	}
	if s.Recovered != nil {
		dst = append(dst, `,"recovered":`...)
		dst = strconv.AppendBool(dst, *s.Recovered)
	}
	if s.Lost {
		dst = appendLost(append(dst, `,"lost":`...), s)
	}
	if s.Snapshot != nil {
		dst = append(dst, `,"snapshot":`...)
		dst = appendValue(dst, s.Snapshot)
	}
	if s.Members != nil {
		dst = append(dst, `,"members":`...)
		dst = append(dst, s.Members...)
	}
	if s.Members != nil || s.Count != 0 {
		dst = append(dst, `,"count":`...)
		dst = strconv.AppendInt(dst, int64(s.Count), 10)
	}
	if len(dst) == start {
		return append(dst, `{}`...)
	}
	dst[start] = '{' // each member began with a comma, so that none needs to know of those before it
	return append(dst, '}')
}

func appendLost(dst []byte, s *Subscribed) []byte {
	if s.LostFrom == 0 {
		return append(dst, `{}`...)
	}
	return AppendGap(dst, s.LostFrom, s.LostTo)
}
