package redisbroker

import "github.com/livetopics/live/broker"

// apply takes a page of a topic that was behind or joining, delivers what is missing, and
// goes live if nothing is. It reports whether there is more to read. The stripe is locked.
func (b *Broker) apply(f *follow, p *page) (more bool) {
	if f.state == joining {
		f.cursor = cursor{epoch: p.Epoch, seq: p.Seq, at: p.at}
		// What came since the server began to spread it to us is delivered: wildcards that
		// match rely on it.
		if first, ok := f.held.first(p.Epoch); ok && first <= p.Seq {
			f.cursor = cursor{epoch: p.Epoch, seq: first - 1}
		}
		f.state = behind
		f.begin()
		return b.goLive(f)
	}
	if p.Epoch != f.cursor.epoch {
		f.cursor = cursor{epoch: p.Epoch}
		b.counts.epochs.Add(1)
	}
	if p.Floor > f.cursor.seq {
		b.counts.lost.Add(int64(p.Floor - f.cursor.seq))
		b.deliver(f.name, p.Epoch, &broker.Publication{Lost: f.cursor.seq + 1, Seq: p.Floor})
		f.cursor = cursor{epoch: p.Epoch, seq: p.Floor}
	}
	for i := range p.Publications {
		one := &p.Publications[i]
		if one.Seq <= f.cursor.seq {
			continue
		}
		f.cursor.seq, f.cursor.at = one.Seq, one.At
		b.counts.filled.Add(1)
		b.deliver(f.name, p.Epoch, one)
	}
	if f.cursor.seq < p.Seq {
		return true
	}
	return b.goLive(f)
}

// goLive delivers what is held, as far as it follows on what was delivered. It reports
// whether something is missing still; else the topic is live. The stripe is locked.
func (b *Broker) goLive(f *follow) (missing bool) {
	before := f.before
	list := f.held.take()
	f.before = 0
	for i := range list {
		a := &list[i]
		switch f.cursor.judge(a.epoch, a.Seq) {
		case next:
			f.cursor.seq, f.cursor.at = a.Seq, a.At
			b.deliver(f.name, a.epoch, &a.Publication)
		case hole:
			if a.epoch != f.cursor.epoch && i < before {
				continue // it came before the history was asked for, so its epoch is an old one
			}
			for ; i < len(list); i++ {
				f.hold(list[i])
			}
			return true
		}
	}
	f.state = live
	return false
}
