package natsbroker

import (
	"slices"
	"testing"
	"time"
)

func TestTheClockSaysWhatMayHaveExpired(t *testing.T) {
	begun := time.UnixMilli(1_000_000)
	at := func(d time.Duration) int64 { return begun.Add(d).UnixMilli() }
	e := epoch{Clock: []tick{{at(0), 0}, {at(time.Minute), 100}, {at(2 * time.Minute), 250}}}
	for _, c := range []struct {
		after time.Duration
		want  uint64
	}{
		{time.Minute, 0},
		{10 * time.Minute, 0},
		{10*time.Minute + time.Second, 100},
		{11 * time.Minute, 100},
		{11*time.Minute + time.Second, 250},
		{13 * time.Minute, 999},
	} {
		if got := e.gone(10*time.Minute, begun.Add(c.after), 999); got != c.want {
			t.Errorf("after %v, up to %d may have expired; want %d", c.after, got, c.want)
		}
	}
	if got := e.gone(0, begun.Add(1000*time.Hour), 999); got != 0 {
		t.Errorf("without a limit by age, up to %d may have expired", got)
	}
}

func TestTheClockForgetsWhatSaysNothing(t *testing.T) {
	all := []tick{{1, 10}, {2, 20}, {3, 30}, {4, 40}}
	for at, want := range map[int64][]tick{0: all, 2: all, 3: all[1:], 4: all[2:], 9: all[3:]} {
		if got := since(all, at); !slices.Equal(got, want) {
			t.Errorf("since %d: %v, want %v", at, got, want)
		}
	}
}
