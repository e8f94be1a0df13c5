package natsbroker

import (
	"testing"
	"time"
)

// looks returns after how many looks, so far apart, another node is dead whose lease
// does not change; 0 if it is not after a hundred.
func looks(p *presence, from time.Time, apart time.Duration) int {
	for i := range 100 {
		if len(p.dead(map[string]uint64{"other": 7, "own": uint64(i)}, from.Add(time.Duration(i)*apart))) > 0 {
			return i
		}
	}
	return 0
}

func tending(lease time.Duration) *presence {
	p := &presence{b: &Broker{opts: Options{Lease: lease}}}
	p.lease.node = "own"
	p.burials.init()
	return p
}

func TestWhoLooksSlowlyStillFindsTheDead(t *testing.T) {
	for _, c := range []struct {
		lease, apart time.Duration
		want         int
	}{
		{15 * time.Second, 3 * time.Second, 5},
		{10 * time.Second, 3 * time.Second, 4},
		{7 * time.Second, 3600 * time.Millisecond, 4},
		{7 * time.Second, 20 * time.Second, 4},
		{time.Second, 3 * time.Second, 4},
		{time.Second, 100 * time.Millisecond, 10},
	} {
		if got := looks(tending(c.lease), time.Unix(1000, 0), c.apart); got != c.want {
			t.Errorf("lease %v, a look each %v: dead at look %d, want %d", c.lease, c.apart, got, c.want)
		}
	}
}

func TestNobodyIsDeadRightAfterNobodyCouldLook(t *testing.T) {
	p, now := tending(15*time.Second), time.Unix(1000, 0)
	for i := range 2 {
		p.dead(map[string]uint64{"other": 7}, now.Add(time.Duration(i)*3*time.Second))
	}
	for i := range 2 {
		at := now.Add(time.Minute + time.Duration(i)*3*time.Second)
		if len(p.dead(map[string]uint64{"other": 7}, at)) > 0 {
			t.Errorf("it is dead at look %d", i)
		}
	}
	if len(p.dead(map[string]uint64{"other": 8}, now.Add(time.Minute+6*time.Second))) > 0 {
		t.Error("it is dead although it was tended")
	}
}
