package client

import "time"

// Phase is what a client does about its connection.
type Phase uint8

// The phases of a client.
const (
	Connecting Phase = iota // an attempt is under way
	Connected               // requests are answered
	Waiting                 // until the next attempt
	Draining                // connected, and about to move to another connection
	Closed                  // for good
)

// String names the phase in one word.
func (p Phase) String() string {
	return [...]string{"connecting", "connected", "waiting", "draining", "closed"}[min(p, Closed)]
}

// State is what OnState is told.
type State struct {
	Phase Phase         // what it is doing
	URL   string        // connected to it, or trying to
	Err   error         // how the last connection or attempt ended; nil if there was none
	In    time.Duration // Waiting and Draining: how long
}
