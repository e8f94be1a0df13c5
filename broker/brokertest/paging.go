package brokertest

import (
	"fmt"
	"sync"

	"github.com/livetopics/live/broker"
)

func pagesAndLive(r *rig) {
	topic := r.topic("paging")
	r.follow(0, topic, kept)
	wholeForReaders(r, 0, topic)
}

// wholeForReaders has readers page through a topic, each from the beginning until
// it has caught up, while publishers go on. What a reader read up to there, and
// what was delivered after, must be the whole.
func wholeForReaders(r *rig, node int, topic string) {
	wait := crowd(r, topic, 4, 400)
	const readers = 6
	reads := make([]reader, readers)
	var run sync.WaitGroup
	for i := range reads {
		run.Go(func() { reads[i].catchUp(r, node, topic, 1+7*i) })
	}
	run.Wait()
	acked := wait()
	live := r.delivered(node, topic, len(acked))
	for i := range reads {
		rd := &reads[i]
		if rd.err != nil {
			r.Fatalf("reader %d: %v", i, rd.err)
		}
		for _, d := range live {
			if d.Seq > rd.upTo {
				rd.came = append(rd.came, d)
			}
		}
		wantAll(r, "pages and live", rd.came, acked)
	}
}

// reader is one that pages through history.
type reader struct {
	came []delivery
	upTo uint64
	err  error
}

// catchUp reads pages until one ends with the newest publication.
func (rd *reader) catchUp(r *rig, node int, topic string, limit int) {
	for {
		page, err := r.nodes[node].History(r.ctx, topic, kept, broker.Query{Since: rd.upTo, Limit: limit})
		if err != nil {
			rd.err = err
			return
		}
		for _, p := range page.Publications {
			rd.came = append(rd.came, delivery{page.Epoch, p})
			rd.upTo = p.Seq
		}
		if rd.upTo >= page.Seq {
			return
		}
		if len(page.Publications) == 0 {
			rd.err = fmt.Errorf("nothing after %d in a history that goes up to %d", rd.upTo, page.Seq)
			return
		}
	}
}
