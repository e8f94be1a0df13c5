package engine

import (
	"time"

	"github.com/livetopics/live/internal/ws"
)

// spokes is how many slots the wheel has. A connection is visited once in a
// revolution, which takes a third of IdleTimeout. Of a peer that falls silent just
// after one visit, the next learns nothing new, the one after that pings it, and the
// third drops it.
const (
	spokes      = 32
	revolutions = 3
)

// longestTick is how long a tick may be: closing and blocked connections want one
// more often than silent ones.
const longestTick = 500 * time.Millisecond

// wheel visits a loop's connections in turn, with one timer for all of them: the
// deadline of the loop's poller. Only the loop touches it.
type wheel struct {
	slots [spokes][]*Conn
	fill  int           // the slot of the newest connection
	every time.Duration // between two ticks
	ticks uint32        // how many there were
	due   time.Time     // of the next tick

	hand int           // the slot visited last
	step time.Duration // between two visits; 0 if silence is no matter
	turn time.Time     // of the next visit
}

func (w *wheel) init(idle time.Duration) {
	w.every = longestTick
	if idle > 0 {
		w.step = max(idle/(revolutions*spokes), time.Millisecond)
		w.every = min(w.step, longestTick)
	}
	now := time.Now()
	w.due, w.turn = now.Add(w.every), now.Add(w.step)
}

func (w *wheel) add(c *Conn) {
	w.fill = (w.fill + 1) % spokes
	c.spoke, c.slot = uint8(w.fill), uint32(len(w.slots[w.fill]))
	w.slots[w.fill] = append(w.slots[w.fill], c)
}

func (w *wheel) remove(c *Conn) {
	s := w.slots[c.spoke]
	last := len(s) - 1
	s[c.slot], s[last].slot = s[last], c.slot
	s[last] = nil
	w.slots[c.spoke] = s[:last]
	if last == 0 {
		w.slots[c.spoke] = nil
	}
}

// after returns the tick that comes d from now, at the earliest. Without d, never.
func (w *wheel) after(d time.Duration) uint32 {
	if d < 0 {
		return 0
	}
	return max(w.ticks+uint32(d/w.every)+1, 1)
}

// past reports whether a tick that after returned has come.
func (w *wheel) past(tick uint32) bool { return tick != 0 && w.ticks >= tick }

// tick does what is due.
func (l *loop) tick() {
	if l.conns == 0 {
		return
	}
	w := &l.wheel
	now := time.Now()
	if now.Before(w.due) {
		return
	}
	w.due = now.Add(w.every)
	w.ticks++
	l.checkWatched(now)
	if w.step == 0 || now.Before(w.turn) {
		return
	}
	if w.turn = w.turn.Add(w.step); w.turn.Before(now) {
		w.turn = now.Add(w.step) // the loop was busy or empty: it does not catch up
	}
	w.hand = (w.hand + 1) % spokes
	slot := w.slots[w.hand]
	for i := len(slot) - 1; i >= 0; i-- {
		l.visit(slot[i])
	}
}

// visit pings a connection that was not heard since the last visit, and drops it if
// it did not answer the last ping either.
func (l *loop) visit(c *Conn) {
	switch {
	case c.state != open || c.unread: // what it may have said is not read yet
	case c.heard:
		c.heard, c.pinged = false, false
	case c.pinged:
		l.stats.dead.Add(1)
		l.drop(c, ErrDead)
	default:
		c.pinged = true
		l.control(c, pingFrame)
	}
}

var pingFrame = ws.AppendFrame(nil, ws.OpPing, nil)
