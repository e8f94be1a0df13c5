package demo

import (
	"testing"
	"time"
)

func TestPaceAllowsABurstAndThenItsRate(t *testing.T) {
	var p pace
	now := time.Now()
	for n := range paceBurst {
		if !p.allow(now) {
			t.Fatalf("frame %d of the burst was refused", n+1)
		}
	}
	if p.allow(now) {
		t.Fatal("more than the burst was allowed")
	}
	now = now.Add(time.Second)
	allowed := 0
	for p.allow(now) {
		allowed++
	}
	if allowed != pacePerSecond {
		t.Errorf("%d frames were allowed after a second, want %d", allowed, pacePerSecond)
	}
}

func TestPaceForgetsAfterAPause(t *testing.T) {
	var p pace
	now := time.Now()
	for p.allow(now) {
	}
	now = now.Add(time.Hour)
	allowed := 0
	for p.allow(now) {
		allowed++
	}
	if allowed != paceBurst {
		t.Errorf("%d frames were allowed after an hour, want %d", allowed, paceBurst)
	}
}
