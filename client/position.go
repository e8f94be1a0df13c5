package client

// Position is a place in a topic's history. Numbers compare only within one epoch. The
// zero Position is that of a topic without history.
type Position struct {
	Epoch string `json:"epoch"` // some short text; "" on a topic without history
	Seq   uint64 `json:"seq"`   // grows within the epoch, below 2^53
}

// numbered reports whether it is of a topic with history.
func (p Position) numbered() bool { return p.Epoch != "" }
