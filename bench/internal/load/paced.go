package load

import "time"

// paced publishes at a steady pace that leaves the server time to spare, and measures what a delivery
// costs then and how long it takes.
func (s *scenario) paced() error {
	publisher, err := s.publisher()
	if err != nil {
		return err
	}
	if _, err := s.join(s.config.Sessions, s.room); err != nil {
		return err
	}
	if err := s.march(publisher, s.config.Duration/5); err != nil {
		return err
	}
	latency := newTimes()
	s.room.onReceipt = func(at, now int64) { latency.add(now - at) }
	meter, err := newMeter(s.server.PID)
	if err != nil {
		return err
	}
	base := s.room.account()
	if err := s.march(publisher, s.config.Duration); err != nil {
		return err
	}
	err = meter.read(&s.result, s.room, base)
	s.result.RateReached = float64(s.result.Publications) / s.result.Seconds
	s.result.Latency = latency.in(time.Microsecond)
	return err
}

// march publishes at the configured rate for d and waits until all is delivered.
func (s *scenario) march(publisher *conn, d time.Duration) error {
	interval := time.Second / time.Duration(s.config.Rate)
	left := max(1, int(d/interval))
	err := s.every(interval, func() error {
		if left == 0 {
			return nil
		}
		left--
		return s.publish(publisher, s.room, 1)
	}, func() bool { return left == 0 }, "deliveries")
	if err != nil {
		return err
	}
	return s.delivered(s.room)
}
