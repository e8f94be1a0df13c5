package load

import "time"

// saturated publishes as fast as the server takes it with a bounded number of publications in flight. A
// publication is in flight until every subscriber has it, so that the slowest sets the pace and no server
// has a reason to drop anything.
func (s *scenario) saturated() error {
	if err := s.assemble(); err != nil {
		return err
	}
	if err := s.flood(s.config.Duration / 5); err != nil {
		return err
	}
	latency := newTimes()
	if len(s.nodes) > 1 {
		s.onReceipt(latency)
	}
	meter, err := s.meter()
	if err != nil {
		return err
	}
	base := s.account()
	if err := s.flood(s.config.Duration); err != nil {
		return err
	}
	err = meter.read(base)
	s.result.Latency = latency.in(time.Microsecond)
	return err
}

// onReceipt counts latencies from now on.
func (s *scenario) onReceipt(latency times) {
	for _, room := range s.rooms {
		room.onReceipt = func(at, now int64) { latency.add(now - at) }
	}
}

// flood keeps the window full for d, each publisher its part of it, and waits until all is delivered.
func (s *scenario) flood(d time.Duration) error {
	end := s.now() + int64(d)
	part := max(s.config.Window/len(s.rooms), 1)
	roomy := func() bool {
		if s.now() >= end {
			return true
		}
		for _, room := range s.rooms {
			if room.inFlight() < part {
				return true
			}
		}
		return false
	}
	err := s.until(roomy, "room in the window")
	for err == nil && s.now() < end {
		for i, room := range s.rooms {
			if err = s.publish(s.publishers[i], room, part-room.inFlight()); err != nil {
				return err
			}
		}
		err = s.until(roomy, "room in the window")
	}
	if err != nil {
		return err
	}
	return s.allDelivered()
}

// allDelivered turns until every subscriber has every publication.
func (s *scenario) allDelivered() error {
	for _, room := range s.rooms {
		if err := s.delivered(room); err != nil {
			return err
		}
	}
	return nil
}
