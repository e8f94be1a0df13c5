package main

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/livetopics/live/client"
	"github.com/livetopics/live/test/chaos/internal/record"
)

// settleWithin is how long each part of a quiet cluster may take to be as it should.
const settleWithin = 45 * time.Second

// settle waits until all has come that is to come, and checks the whole round.
func (r *round) settle(ctx context.Context) {
	if err := until(ctx, func() error { return r.cluster.Ready(short(ctx)) }); err != nil {
		r.found("settle", "%v", err)
	}
	askers := r.askers()
	defer func() {
		for _, c := range askers {
			c.Close()
		}
	}()
	r.everybody(ctx)
	marks := r.mark(ctx)
	heads := r.heads(ctx, askers)
	if err := until(ctx, func() error { return r.behind(heads, marks) }); err != nil {
		r.found("settle", "%v", err)
	}
	r.checkPresence(ctx, askers)
	if err := until(ctx, func() error { return r.strangers(askers) }); err != nil {
		r.found("sessions", "%v", err)
	}
	histories := r.histories(ctx, askers, heads)
	run := &record.Run{Heads: heads, MayLose: r.o.mayLose, PlainOrder: r.cluster.Redis != nil, Streams: histories}
	for _, s := range r.crowd.all() {
		if !s.live() {
			r.found("subscription", "%s has ended: %v", s.name, s.client.Err())
		}
	}
	r.crowd.close()
	for _, s := range r.crowd.all() {
		for _, st := range s.streams {
			recorded := st.recorded()
			recorded.Moves = s.moved()
			run.Streams = append(run.Streams, recorded)
		}
	}
	longest := time.Duration(0)
	for _, p := range r.pubs {
		attempts, took := p.journal()
		run.Attempts = append(run.Attempts, attempts...)
		longest = max(longest, took)
	}
	r.say("checking; the longest that an answer to a publisher took was %s", longest.Round(time.Millisecond))
	lost, twice := run.Plain()
	r.say("without history %d deliveries were missed, and %d came twice", lost, twice)
	for _, f := range run.Check() {
		r.found(f.Rule, "%s", f.Text)
	}
}

// everybody waits until every client is connected and has its subscriptions again: a
// server answers a ping after what was asked before.
func (r *round) everybody(ctx context.Context) {
	within, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	var asking sync.WaitGroup
	for _, s := range r.crowd.present() {
		asking.Go(func() {
			if err := s.client.Ping(within); err != nil {
				r.found("settle", "%s is not connected: %v; %v", s.name, err, s.lastEndings())
			}
		})
	}
	asking.Wait()
}

// live reports whether a subscriber is as it should be: there, or closed by us.
func (s *subscriber) live() bool {
	err := s.client.Err()
	return err == nil || err == client.ErrClosed
}

// recorded is the record of a stream. Nothing may be added any more.
func (s *stream) recorded() *record.Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &s.record
}

// short is a context for one try among several.
func short(ctx context.Context) context.Context {
	within, cancel := context.WithTimeout(ctx, time.Second)
	context.AfterFunc(within, cancel)
	return within
}

// until tries until there is no error, or for settleWithin.
func until(ctx context.Context, try func() error) error {
	within, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	for {
		err := try()
		if err == nil || within.Err() != nil {
			return err
		}
		wait(within, 100*time.Millisecond)
	}
}

// askers are clients of one node each.
func (r *round) askers() []*client.Client {
	var all []*client.Client
	for _, n := range r.cluster.Nodes {
		all = append(all, client.New(clientOptions("asks-"+n.Name, []string{n.URL("asks")})))
	}
	return all
}

// mark publishes once more to every topic: what came last for all to see.
func (r *round) mark(ctx context.Context) map[string]record.ID {
	marks := map[string]record.ID{}
	for i, topic := range published() {
		marks[topic], _ = r.pubs[i%len(r.pubs)].publish(ctx, topic, settleWithin)
	}
	return marks
}

// heads asks all nodes where the histories end, until they agree.
func (r *round) heads(ctx context.Context, askers []*client.Client) map[string]record.Position {
	heads := map[string]record.Position{}
	err := until(ctx, func() error {
		for _, topic := range kept() {
			for i, c := range askers {
				page, err := c.History(short(ctx), topic, client.HistoryOptions{Limit: 1})
				if err != nil {
					return err
				}
				at := record.Position(page.Position)
				if i > 0 && at != heads[topic] {
					return fmt.Errorf("%s ends at %s for n1, and at %s for n%d", topic, heads[topic], at, i+1)
				}
				heads[topic] = at
			}
		}
		return nil
	})
	if err != nil {
		r.found("head", "%v", err)
	}
	return heads
}

// behind says who has not got all that there is.
func (r *round) behind(heads map[string]record.Position, marks map[string]record.ID) error {
	n := 0
	var first error
	for _, s := range r.crowd.present() {
		for _, st := range s.streams {
			at, last := st.at()
			head, numbered := heads[st.record.Topic]
			if numbered && at == head || !numbered && last == marks[st.record.Topic] {
				continue
			}
			n++
			first = cmp.Or(first, fmt.Errorf("%s on %s is at %s, got %s last, and the end is %s, which is %s; it is %s; %v",
				s.name, st.record.Topic, at, last, head, marks[st.record.Topic], s.client.State().Phase, s.lastEndings()))
		}
	}
	if first != nil {
		return fmt.Errorf("%d streams are behind: %w", n, first)
	}
	return nil
}

// strangers says if the nodes have other sessions than those of this round.
func (r *round) strangers(askers []*client.Client) error {
	have := 0
	for _, n := range r.cluster.Nodes {
		sessions, err := n.Sessions()
		if err != nil {
			return err
		}
		have += sessions
	}
	if want := len(r.crowd.present()) + len(r.pubs) + len(askers); have != want {
		return fmt.Errorf("the nodes have %d sessions, and there are %d clients", have, want)
	}
	return nil
}
