package redisbroker

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"github.com/livetopics/live/broker"
)

// page is a Page, and when its newest publication was published.
type page struct {
	broker.Page
	at int64
}

// History reads one page, in one round trip. It compares what this node knows of the
// topic with what is stored, and begins a new epoch if a part is lost. The data may be
// kept. Errors: ErrUnavailable, ErrClosed, or that of the context.
func (b *Broker) History(ctx context.Context, topic string, h broker.History, q broker.Query) (broker.Page, error) {
	if err := b.check(ctx); err != nil || !h.On() {
		return broker.Page{}, err
	}
	mode := "since"
	switch {
	case q.Newest:
		mode = "newest"
	case q.Before > 0:
		mode, q.Since = "before", q.Before
	}
	p, err := b.history(ctx, topic, h, mode, q)
	return p.Page, fail(ctx, "read the history of "+topic, err)
}

// history does the work of History.
func (b *Broker) history(ctx context.Context, topic string, h broker.History, mode string, q broker.Query) (p page, err error) {
	era := b.era.Load()
	call := b.pageCall(topic, h, mode, q, b.table.position(topic, era))
	err = b.call(ctx, true, func(c rueidis.Client) (err error) {
		p, err = parsePage(scripts.page.run(ctx, c, call.keys, call.args))
		return err
	})
	if err != nil {
		return page{}, err
	}
	b.table.learn(topic, cursor{epoch: p.Epoch, seq: p.Seq, at: p.at, era: era})
	return p, nil
}

// pageCall makes the call of page.lua.
func (b *Broker) pageCall(topic string, h broker.History, mode string, q broker.Query, known cursor) invocation {
	return invocation{
		keys: []string{b.names.meta(topic), b.names.stream(topic)},
		args: []string{
			b.base, known.epoch, number(known.seq), strconv.FormatInt(known.at, 10),
			strconv.Itoa(h.Size), milliseconds(h.Age),
			mode, number(q.Since), strconv.Itoa(max(q.Limit, 0)), strconv.Itoa(max(q.MaxBytes, 0)),
		},
	}
}

var errReply = errors.New("the server's reply is not one of this broker's scripts")

// parsePage reads the reply of page.lua.
func parsePage(r rueidis.RedisResult) (p page, err error) {
	all, err := r.ToArray()
	if err != nil {
		return p, err
	}
	if len(all) < 4 || len(all)%2 != 0 {
		return p, errReply
	}
	if p.Epoch, err = all[0].ToString(); err != nil {
		return p, err
	}
	var numbers [3]int64
	for i := range numbers {
		if numbers[i], err = all[1+i].AsInt64(); err != nil {
			return p, err
		}
	}
	p.Seq, p.at, p.Floor = uint64(numbers[0]), numbers[1], uint64(numbers[2])
	all = all[4:]
	if len(all) > 0 {
		p.Publications = make([]broker.Publication, 0, len(all)/2)
	}
	for ; len(all) > 0; all = all[2:] {
		id, err1 := all[0].ToString()
		packed, err2 := all[1].ToString()
		one, err3 := unpackEntry(id, packed)
		if err := errors.Join(err1, err2, err3); err != nil {
			return p, err
		}
		p.Publications = append(p.Publications, one)
	}
	return p, nil
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

// milliseconds rounds up, so that a small span does not become none.
func milliseconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Millisecond-1)/time.Millisecond), 10)
}
