package live

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// drain says that the server is about to end.
type drain struct {
	until time.Time     // when the last of those who are told will have gone
	empty chan struct{} // is sent to when the last session has gone; holds one
}

// Drain has clients go elsewhere before a planned Shutdown: each that knows of events is
// told to open its next connection at a moment of its own within the window, and keeps
// getting everything until then. Sessions that come meanwhile are served, and told the
// same. Drain returns when no session is left or the window has passed; those still
// there are for Shutdown to close. When ctx ends first its error is returned.
//
//	server.Drain(ctx, 10*time.Second)
//	server.Shutdown(ctx)
//
// A load balancer should send no new clients from the beginning of the window on, which
// Ready says. A second Drain waits as the first does.
func (s *Server) Drain(ctx context.Context, window time.Duration) error {
	d := &drain{until: time.Now().Add(window), empty: make(chan struct{}, 1)}
	if !s.draining.CompareAndSwap(nil, d) {
		d = s.draining.Load()
	} else {
		s.log.Info("live: draining", "sessions", s.census.all.Load(), "window", window)
		s.tellAllDrain(window)
	}
	timer := time.NewTimer(time.Until(d.until))
	defer timer.Stop()
	for s.census.all.Load() > 0 {
		select {
		case <-d.empty:
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// tellAllDrain tells the sessions that there are, each another moment: all over the
// window, but for its last fifth, which is for those who are late.
func (s *Server) tellAllDrain(window time.Duration) {
	sessions := s.allSessions()
	rand.Shuffle(len(sessions), func(i, j int) { sessions[i], sessions[j] = sessions[j], sessions[i] })
	for i, session := range sessions {
		if session.spoke.Load() {
			session.tellDrain(window * 4 / 5 * time.Duration(i) / time.Duration(len(sessions)))
		}
	}
}

// tellDrainNow tells a session that came, or began to listen to events, meanwhile.
func (s *Session) tellDrainNow() {
	if d := s.server.draining.Load(); d != nil {
		s.tellDrain(rand.N(max(time.Until(d.until)*4/5, lateDrain)))
	}
}

func (s *Session) tellDrain(after time.Duration) {
	s.conn.Reply(eventFrame("", "drain", fmt.Appendf(nil, `{"reconnect_ms":%d}`, after.Milliseconds())))
}

// lateDrain is over how long those go elsewhere who come when the window has nearly
// passed: at once, they would go round in circles where there is no other server yet.
const lateDrain = time.Second

// left is told that a session has gone.
func (d *drain) left() {
	if d == nil {
		return
	}
	select {
	case d.empty <- struct{}{}:
	default:
	}
}
