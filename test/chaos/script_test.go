package main

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/livetopics/live/test/chaos/internal/cluster"
)

func TestASeedAlwaysMeansTheSameScript(t *testing.T) {
	one, again := script(7, time.Minute, cluster.NATS, 3), script(7, time.Minute, cluster.NATS, 3)
	if !reflect.DeepEqual(one, again) {
		t.Error("the same seed made two scripts")
	}
	if reflect.DeepEqual(one, script(8, time.Minute, cluster.NATS, 3)) {
		t.Error("two seeds made the same script")
	}
}

func TestEverythingBreaksSometimesAndIsMendedInTime(t *testing.T) {
	const length = 2 * time.Minute
	for _, broker := range []string{cluster.NATS, cluster.InRedis} {
		seen := map[kind]bool{}
		for seed := range uint64(50) {
			for _, s := range script(seed, length, broker, 3) {
				seen[s.kind] = true
				if s.at+s.last > length {
					t.Errorf("seed %d: %s at %s is mended after the end", seed, s, s.at)
				}
			}
		}
		for _, w := range weights {
			if !seen[w.kind] && (broker != cluster.NATS || w.kind != stopBroker) {
				t.Errorf("%s never happens on %s", w.kind, broker)
			}
		}
	}
}

func TestANodeIsNotBrokenTwiceAtOnce(t *testing.T) {
	for _, broker := range []string{cluster.NATS, cluster.InRedis, cluster.Memory} {
		for seed := range uint64(50) {
			until := map[int]time.Duration{}
			for _, s := range script(seed, time.Minute, broker, 3) {
				for _, n := range s.uses(broker, 3) {
					if s.at < until[n] {
						t.Errorf("seed %d on %s: %s at %s begins before the last fault of n%d is over", seed, broker, s, s.at, n+1)
					}
					until[n] = s.at + s.last
				}
			}
		}
	}
}

func TestWithoutABrokerBesideItNothingOfABrokerBreaks(t *testing.T) {
	for seed := range uint64(20) {
		for _, s := range script(seed, time.Minute, cluster.Memory, 1) {
			if slices.Contains([]kind{cutBroker, pauseBroker, delayBroker, refuseBroker, killBroker, leaveBroker, stopBroker}, s.kind) {
				t.Errorf("seed %d: %s", seed, s)
			}
		}
	}
}
