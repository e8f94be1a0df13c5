package natsbroker

import (
	"testing"

	"github.com/livetopics/live/broker"
)

func TestWhatComesBeforeTheEpochIsKnownWaitsForIt(t *testing.T) {
	var got []uint64
	deliver := func(_, name string, p *broker.Publication) {
		if name != "e" {
			t.Errorf("the epoch is %q", name)
		}
		got = append(got, p.Seq)
	}
	to := &topic{stream: new(stream)}
	to.expect(3)
	if to.lags() {
		t.Error("what has not begun lags")
	}
	if missing, _ := to.receive(deliver, &broker.Publication{Seq: 7}, 3); !missing {
		t.Error("it is delivered without an epoch")
	}
	e := &epoch{Name: "e"}
	from, more := to.missing(e)
	if !more || from.last != 6 || from.epoch != e {
		t.Errorf("missing is what comes after %+v, %v", from, more)
	}
	all := []stored{{seq: 6, data: []byte{frameOne}}, {seq: 7, data: []byte{frameOne}}}
	if n := to.deliverAll(deliver, from.epoch, all); n != 1 || len(got) != 1 || got[0] != 7 {
		t.Errorf("delivered are %d: %v", n, got)
	}
	if _, more := to.missing(e); more {
		t.Error("something is still missing")
	}
}
