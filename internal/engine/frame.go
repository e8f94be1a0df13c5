package engine

// Frame is a WebSocket frame ready to be written, or several. It is shared by all
// connections that get it and never changes once it was given to the engine.
type Frame struct {
	// Bytes are header and payload.
	Bytes []byte
	// Pub says which publication this is, where a queue or a subscription that is
	// behind has to know; else nil.
	Pub *Pub
}

// Pub identifies a publication.
type Pub struct {
	Topic    string   // that it was published to
	Seq      uint64   // its number among those of the topic; 0 where they have none
	Key      string   // what it is about, for KeepLatest
	Origin   string   // of whom it came, for Catch.Skip
	Overflow Overflow // what becomes of it in the queue of a slow reader

	hole bool   // it is none: it stands for some that were dropped
	from uint64 // the first of those; Seq is the last
	lost int    // how many they are
}

// seq is the number of the publication that f is, 0 if there is none.
func (f *Frame) seq() uint64 {
	if f.Pub == nil {
		return 0
	}
	return f.Pub.Seq
}

// Overflow is what becomes of a publication in the queue of a socket that refuses
// more.
type Overflow uint8

// The kinds of Overflow.
const (
	Disconnect Overflow = iota // a full queue ends the connection
	DropOldest                 // a full queue loses the oldest ones
	KeepLatest                 // of each topic and key only the newest waits
	Replay                     // a full queue loses them all, and the Handler is told where to go on
)
