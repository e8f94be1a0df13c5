package topic

import "strconv"

// ConflictError says that a pattern has no place in a Table beside one that is there:
// both match a topic, and which of them is to decide cannot be told.
type ConflictError struct {
	New, Old string // the patterns: the one refused, the one that is there
	Topic    string // the shortest topic that both match
}

// Error names both patterns and a topic that both match.
func (e *ConflictError) Error() string {
	return "pattern " + strconv.Quote(e.New) + " conflicts with " + strconv.Quote(e.Old) +
		": both match " + strconv.Quote(e.Topic) + ", and neither is more specific"
}
