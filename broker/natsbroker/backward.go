package natsbroker

import (
	"context"
	"fmt"

	"github.com/livetopics/live/broker"
)

// JetStream reads forward only. What is asked for from the end is found by looking at
// a message here and there, each of which says how many come after it.
const (
	readThrough = 64 // so many more than were asked for may be read
	probes      = 40 // a bound: each halves what is left, or does better
)

// backward reads the newest of a topic, or the newest before a number.
func (r *reading) backward(ctx context.Context, q broker.Query) ([]stored, error) {
	end := r.head.seq + 1
	if !q.Newest {
		end = min(end, q.Before)
	}
	newer := uint64(0) // how many are at end or after
	if end <= r.head.seq {
		m, ok, err := r.probe(ctx, getRequest{Seq: end, Next: r.subject, Batch: 1})
		if err != nil {
			return nil, err
		}
		if ok {
			newer = m.pending + 1
		}
	}
	after := r.floor
	if r.count > newer+uint64(2*q.Limit+readThrough) {
		m, err := r.ranked(ctx, q.Limit, end, newer)
		if err != nil {
			return nil, err
		}
		after = max(after, m.seq-1)
	}
	var all []stored
	for end > after+1 {
		some, err := r.forward(ctx, after, mostAtOnce, 0)
		if err != nil {
			return nil, err
		}
		for _, m := range some {
			if m.seq < end {
				all = append(all, m)
			}
			after = max(after, m.seq)
		}
		if len(some) == 0 || after >= r.head.seq {
			break
		}
	}
	return all[max(0, len(all)-q.Limit):], nil
}

// ranked finds the message that is the n-th before end, or one soon before that;
// newer is how many are at end or after.
func (r *reading) ranked(ctx context.Context, n int, end, newer uint64) (stored, error) {
	exact := n == r.h.Size && newer == 0
	low, high := uint64(1), end // the one looked for is in between: at low or after, before high
	var best stored
	for range probes {
		if low >= high {
			break
		}
		middle := low + (high-low)/2
		m, ok, err := r.probe(ctx, getRequest{Seq: middle, Next: r.subject, Batch: 1})
		if err != nil {
			return best, err
		}
		if !ok || m.seq >= end || m.pending+1-newer < uint64(n) { // too few from here on
			high = middle
			continue
		}
		best, low = m, m.seq+1
		if rank := m.pending + 1 - newer; rank == uint64(n) || !exact && rank <= uint64(n+readThrough) {
			return m, nil
		}
	}
	if best.seq == 0 {
		return best, fmt.Errorf("natsbroker: no server has the end of %s: %w", r.subject, errNoAnswer)
	}
	return best, nil
}
