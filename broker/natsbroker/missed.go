package natsbroker

import (
	"context"
	"time"

	"github.com/livetopics/live/broker"
)

// missed answers who has all up to q.Since, which most often needs less than a survey:
// where the topic's newest is no later, nothing; else what comes after, if that shows that
// nothing of it is gone. Floor is 0 then, which says so. It reports false where a
// survey is needed.
func (b *Broker) missed(ctx context.Context, s *stream, name string, h broker.History, q broker.Query) (page broker.Page, whole bool, err error) {
	r := &reading{b: b, s: s, subject: s.subject(name), h: h, now: time.Now()}
	found, err := r.findHead(ctx, q.Since)
	if err != nil {
		return page, false, err
	}
	page.Epoch = r.epoch.Name
	switch {
	case r.head.seq == 0:
		r.surveyNothing()
		page.Floor, page.Seq = r.floor, r.nothing(q)
		return page, true, nil
	case r.head.seq <= q.Since:
		page.Seq = r.head.seq
		return page, true, nil
	case r.expired() > q.Since:
		return page, false, nil
	}
	all := found.missedBy(r.subject, q.Since, q.Limit)
	if len(all) == 0 {
		all, err = r.forward(ctx, q.Since, q.Limit, q.MaxBytes)
	}
	if err != nil || len(all) == 0 || !r.unbroken(all[0]) {
		return page, false, err
	}
	put(&page, r.head, all, q)
	return page, true, nil
}

// unbroken reports whether the first message after a number shows that nothing in
// between is gone. Nothing has expired there. A message makes room for newer ones only
// where more than the rule's Size are stored: if some after the number had, so many were
// left.
func (r *reading) unbroken(first stored) bool {
	if first.pending == 0 && first.seq != r.head.seq {
		return false // read where nobody says how many are newer
	}
	return r.seen(first)
}
