package client_test

import (
	"testing"
	"time"

	"github.com/livetopics/live/client"
)

func TestTheBoundDoublesUpToTheMost(t *testing.T) {
	b := client.Backoff{First: time.Second, Most: 30 * time.Second}
	for n, want := range []int{1, 2, 4, 8, 16, 30, 30, 30} {
		if got := b.Bound(n); got != time.Duration(want)*time.Second {
			t.Errorf("before attempt %d it is %v, want %d s", n, got, want)
		}
	}
	if got := b.Bound(1 << 30); got != b.Most {
		t.Errorf("much later it is %v", got)
	}
	if got := (client.Backoff{First: time.Minute, Most: time.Second}).Bound(0); got != time.Second {
		t.Errorf("with a first beyond the most it is %v", got)
	}
}

func TestAWaitIsAnywhereUpToTheBound(t *testing.T) {
	b := client.Backoff{First: time.Second, Most: 30 * time.Second}
	for n := range 7 {
		bound, low, high := b.Bound(n), 0, 0
		for range 1000 {
			d := b.Wait(n)
			if d < 0 || d > bound {
				t.Fatalf("before attempt %d it waits %v, beyond %v", n, d, bound)
			}
			if d < bound/10 {
				low++
			}
			if d > bound-bound/10 {
				high++
			}
		}
		// A tenth of them each; that there are none has a chance of 10^-46.
		if low == 0 || high == 0 {
			t.Errorf("before attempt %d, of 1000 waits %d are short and %d long", n, low, high)
		}
	}
}
