package demo

import "time"

// A session may send pacePerSecond frames a second, and paceBurst at once.
const (
	pacePerSecond = 5
	paceBurst     = 20
)

// pace is what a session may still send. The zero value is a fresh allowance.
type pace struct {
	spent float64 // frames, at the time of last
	last  time.Time
}

// allow reports whether one more frame may be sent at now, and counts it if so.
func (p *pace) allow(now time.Time) bool {
	earned := now.Sub(p.last).Seconds() * pacePerSecond
	p.spent = max(0, p.spent-earned)
	p.last = now
	if p.spent+1 > paceBurst {
		return false
	}
	p.spent++
	return true
}
