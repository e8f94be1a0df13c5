package load

import "github.com/livetopics/live/bench/internal/process"

// idleMemory measures what a session costs that does nothing: by how much the server's resident memory
// grows when all join, divided by their number. The figure is what stands there once it has settled, with
// whatever garbage the joining has left and nobody's help. A second one is taken after the server was told
// to collect, which is where an idle Go program gets to by itself within minutes. Both begin at what one
// connection has left behind, garbage collected.
func (s *scenario) idleMemory() error {
	if err := s.warmConnection(); err != nil {
		return err
	}
	baseline, err := s.collected()
	if err != nil {
		return err
	}
	if _, err := s.join(s.config.Sessions, s.room); err != nil {
		return err
	}
	standing, err := process.Settled(s.server.PID, s.idle)
	if err != nil {
		return err
	}
	collected, err := s.collected()
	if err != nil {
		return err
	}
	sessions := float64(s.config.Sessions)
	s.result.BaselineBytes = baseline
	s.result.SessionBytes = float64(standing-baseline) / sessions
	s.result.CollectedBytes = float64(collected-baseline) / sessions
	return nil
}

// warmConnection takes one connection through all that a server does once: a join, a publication and its
// delivery, a departure.
func (s *scenario) warmConnection() error {
	clients, err := s.join(1, s.room)
	if err != nil {
		return err
	}
	if err := s.publish(clients[0], s.room, 1); err != nil {
		return err
	}
	if err := s.delivered(s.room); err != nil {
		return err
	}
	s.leave(clients[0])
	return nil
}

// collected returns the server's settled resident memory after it was told to collect.
func (s *scenario) collected() (int64, error) {
	if err := s.server.Collect(); err != nil {
		return 0, err
	}
	return process.Settled(s.server.PID, s.idle)
}
