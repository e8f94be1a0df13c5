package load

import (
	"math"
	"time"
)

const (
	probeInterval = 5 * time.Millisecond  // between two requests of the probing session
	rest          = 50 * time.Millisecond // between two publications
	warmBursts    = 2                     // publications that are not measured
)

// fanOut publishes to a great many, one publication after the other has reached them all, while another
// session publishes to a topic of its own at a steady pace, whoever waits for whom, and measures when it
// gets that back.
func (s *scenario) fanOut() error {
	probe, err := newStream(s.dialect, probeTopic, 'x', s.config.FrameBytes)
	if err != nil {
		return err
	}
	prober, err := s.join(1, probe)
	if err != nil {
		return err
	}
	publisher, err := s.publisher()
	if err != nil {
		return err
	}
	if _, err := s.join(s.config.Sessions, s.room); err != nil {
		return err
	}
	b := &bursts{scenario: s, publisher: publisher, prober: prober[0], probe: probe}
	if err := b.run(warmBursts); err != nil {
		return err
	}
	meter, err := s.meter()
	if err != nil {
		return err
	}
	base := s.account()
	if err := b.run(s.config.Bursts); err != nil {
		return err
	}
	if err := meter.read(base); err != nil {
		return err
	}
	s.result.Last = b.last.in(time.Millisecond)
	s.result.Probe = b.during.in(time.Microsecond)
	s.result.ProbeQuiet = b.quiet.in(time.Microsecond)
	return nil
}

// bursts is a row of publications with a probe beside them.
type bursts struct {
	*scenario
	publisher, prober *conn
	probe             *stream

	began, ended int64 // of the burst that goes on or was the last one
	last         times // until everybody had a publication
	during       times // requests of the prober that overlap a burst
	quiet        times // the others
}

// run makes n bursts, measured afresh.
func (b *bursts) run(n int) error {
	b.last, b.during, b.quiet = newTimes(), newTimes(), newTimes()
	b.began, b.ended = math.MaxInt64, math.MaxInt64
	b.room.onDone = func(now int64) {
		b.ended = now
		b.last.add(now - b.began)
	}
	b.probe.onReceipt = func(at, now int64) {
		if now >= b.began && at <= b.ended {
			b.during.add(now - at)
		} else {
			b.quiet.add(now - at)
		}
	}
	for range n {
		resume := b.now() + int64(rest)
		if err := b.probing(func() bool { return b.now() >= resume }); err != nil {
			return err
		}
		b.began, b.ended = b.now(), math.MaxInt64
		if err := b.publish(b.publisher, b.room, 1); err != nil {
			return err
		}
		if err := b.probing(func() bool { return b.room.inFlight() == 0 }); err != nil {
			return err
		}
	}
	return b.delivered(b.probe)
}

// probing sends requests until done reports true.
func (b *bursts) probing(done func() bool) error {
	return b.every(probeInterval, func() error {
		return b.publish(b.prober, b.probe, 1)
	}, done, "deliveries to all, and to the prober meanwhile")
}
