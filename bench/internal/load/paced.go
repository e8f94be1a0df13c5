package load

import "time"

// paced publishes at a steady pace that leaves the server time to spare, and measures what a delivery
// costs then and how long it takes.
func (s *scenario) paced() error {
	if err := s.assemble(); err != nil {
		return err
	}
	if err := s.march(s.config.Duration / 5); err != nil {
		return err
	}
	latency := newTimes()
	s.onReceipt(latency)
	meter, err := s.meter()
	if err != nil {
		return err
	}
	base := s.account()
	if err := s.march(s.config.Duration); err != nil {
		return err
	}
	err = meter.read(base)
	s.result.RateReached = float64(s.result.Publications) / s.result.Seconds
	s.result.Latency = latency.in(time.Microsecond)
	return err
}

// march publishes at the configured rate for d, the publishers in turn, and waits until all is delivered.
func (s *scenario) march(d time.Duration) error {
	interval := time.Second / time.Duration(s.config.Rate)
	left := max(1, int(d/interval))
	err := s.every(interval, func() error {
		if left == 0 {
			return nil
		}
		left--
		i := left % len(s.rooms)
		return s.publish(s.publishers[i], s.rooms[i], 1)
	}, func() bool { return left == 0 }, "deliveries")
	if err != nil {
		return err
	}
	return s.allDelivered()
}
