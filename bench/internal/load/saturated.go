package load

import "time"

// saturated publishes as fast as the server takes it with a bounded number of publications in flight. A
// publication is in flight until every subscriber has it, so that the slowest sets the pace and no server
// has a reason to drop anything.
func (s *scenario) saturated() error {
	publisher, err := s.publisher()
	if err != nil {
		return err
	}
	if _, err := s.join(s.config.Sessions, s.room); err != nil {
		return err
	}
	if err := s.flood(publisher, s.config.Duration/5); err != nil {
		return err
	}
	meter, err := newMeter(s.server.PID)
	if err != nil {
		return err
	}
	base := s.room.account()
	if err := s.flood(publisher, s.config.Duration); err != nil {
		return err
	}
	return meter.read(&s.result, s.room, base)
}

// flood keeps the window full for d and waits until all is delivered.
func (s *scenario) flood(publisher *conn, d time.Duration) error {
	end := s.now() + int64(d)
	err := s.until(func() bool {
		return s.now() >= end || s.room.inFlight() < s.config.Window
	}, "room in the window")
	for err == nil && s.now() < end {
		if err = s.publish(publisher, s.room, s.config.Window-s.room.inFlight()); err != nil {
			return err
		}
		err = s.until(func() bool {
			return s.now() >= end || s.room.inFlight() < s.config.Window
		}, "room in the window")
	}
	if err != nil {
		return err
	}
	return s.delivered(s.room)
}
