package redisbroker_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/broker/redisbroker"
)

// told is what a follower delivers, each as epoch:number, with the first that is lost
// before it.
type told []string

func (l *told) deliver(_, epoch string, p *broker.Publication) {
	if p.Lost != 0 {
		*l = append(*l, fmt.Sprintf("lost %s:%d-%d", epoch, p.Lost, p.Seq))
		return
	}
	*l = append(*l, fmt.Sprintf("%s:%d", epoch, p.Seq))
}

func (l *told) want(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(*l, want) {
		t.Errorf("delivered %q, want %q", *l, want)
	}
	*l = nil
}

// located is a follower that has begun after the third of an epoch.
func located(l *told) *redisbroker.Follower {
	f := redisbroker.NewFollower(l.deliver)
	f.Ask()
	f.Apply("E", 3, 0)
	return f
}

func TestAFollowerDeliversWhatComesAfterItsPosition(t *testing.T) {
	var l told
	f := located(&l)
	if !f.Live() {
		t.Error("it is not live")
	}
	for _, seq := range []uint64{2, 3, 4, 4, 5} {
		f.Arrive("E", seq)
	}
	l.want(t, "E:4", "E:5")
}

func TestAFollowerDeliversWhatCameWhileItWasLocated(t *testing.T) {
	var l told
	f := redisbroker.NewFollower(l.deliver)
	f.Arrive("E", 3)
	f.Ask()
	f.Arrive("E", 4)
	if f.Apply("E", 3, 0) || !f.Live() {
		t.Error("there is more to read")
	}
	l.want(t, "E:3", "E:4")
}

func TestAHoleIsReadBeforeWhatComesAfterIt(t *testing.T) {
	var l told
	f := located(&l)
	f.Arrive("E", 6)
	f.Arrive("E", 7)
	l.want(t)
	if !f.Queued() || f.Live() {
		t.Error("the hole is not seen")
	}
	if epoch, since := f.Ask(); epoch != "E" || since != 3 {
		t.Errorf("it reads after %s:%d", epoch, since)
	}
	f.Arrive("E", 8)
	if f.Apply("E", 7, 0, 4, 5, 6, 7) || !f.Live() {
		t.Error("there is more to read")
	}
	l.want(t, "E:4", "E:5", "E:6", "E:7", "E:8")
}

func TestALongHoleIsReadPageByPage(t *testing.T) {
	var l told
	f := located(&l)
	f.Arrive("E", 9)
	f.Ask()
	if !f.Apply("E", 9, 0, 4, 5) || f.Live() {
		t.Error("it is live in the middle of the hole")
	}
	f.Ask()
	if f.Apply("E", 9, 0, 6, 7, 8) == false {
		t.Error("a page that ends early is taken for the whole")
	}
	f.Ask()
	if f.Apply("E", 9, 0, 9) || !f.Live() {
		t.Error("there is more to read")
	}
	l.want(t, "E:4", "E:5", "E:6", "E:7", "E:8", "E:9")
}

func TestWhatIsGoneIsLost(t *testing.T) {
	var l told
	f := located(&l)
	f.Arrive("E", 20)
	f.Ask()
	f.Apply("E", 20, 18, 19, 20)
	f.Arrive("E", 40)
	f.Ask()
	f.Apply("E", 40, 40)
	f.Arrive("E", 41)
	l.want(t, "lost E:4-18", "E:19", "E:20", "lost E:21-40", "E:41")
}

func TestAnotherEpochIsDeliveredFromItsBeginning(t *testing.T) {
	var l told
	f := located(&l)
	f.Arrive("F", 3)
	f.Arrive("F", 4)
	l.want(t)
	f.Ask()
	f.Arrive("F", 5)
	f.Apply("F", 4, 1, 2, 3, 4)
	l.want(t, "lost F:1-1", "F:2", "F:3", "F:4", "F:5")
}

func TestWhatIsLeftOfAnOldEpochIsDropped(t *testing.T) {
	var l told
	f := located(&l)
	f.Arrive("F", 1)
	f.Ask()
	f.Apply("F", 1, 0, 1)
	f.Arrive("E", 4) // of before
	if f.Live() {
		t.Error("another epoch is no reason to look")
	}
	f.Ask()
	if f.Apply("F", 1, 0) || !f.Live() {
		t.Error("it looks again for what came before it has looked")
	}
	f.Arrive("F", 2)
	l.want(t, "F:1", "F:2")
}

func TestWhatIsHeldIsBounded(t *testing.T) {
	var l told
	f := located(&l)
	for seq := uint64(5); seq < 5000; seq++ {
		f.Arrive("E", seq)
	}
	if n := f.Held(); n != 256 {
		t.Errorf("%d are held", n)
	}
}

// A server with one topic loses its data now and then, and what it spreads may be lost on
// the way. Whatever happens, each epoch is delivered whole and in order.
func TestRandomHolesAndEpochsAreDeliveredWhole(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	var l told
	f := located(&l)
	epoch, newest, floor := 0, uint64(3), uint64(0)
	name := func() string { return fmt.Sprint("E", epoch)[:min(2, 1+epoch)] }
	read := func() {
		e, since := f.Ask()
		if e != name() {
			since = 0
		}
		var seqs []uint64
		for seq := max(since, floor) + 1; seq <= newest && len(seqs) < 3; seq++ {
			seqs = append(seqs, seq)
		}
		newestThen, floorThen := newest, floor
		if r.IntN(2) == 0 { // one comes while the page is on its way
			newest++
			f.Arrive(name(), newest)
		}
		f.Apply(name(), newestThen, floorThen, seqs...)
	}
	for range 20_000 {
		switch n := r.IntN(100); {
		case n < 60:
			newest++
			if r.IntN(5) > 0 {
				f.Arrive(name(), newest)
			}
		case n < 95:
			if !f.Live() {
				read()
			}
		case n < 98:
			floor = max(floor, newest-min(newest, uint64(r.IntN(10))))
		case epoch < 9:
			epoch++
			newest, floor = 0, 0
		}
	}
	newest++
	f.Arrive(name(), newest)
	for range 10_000 {
		if !f.Live() {
			read()
		}
	}
	wantRuns(t, l, name(), newest)
}

// wantRuns checks that in each epoch there is all from the first on, in order.
func wantRuns(t *testing.T, l told, epoch string, newest uint64) {
	t.Helper()
	last, at := uint64(3), "E"
	for _, one := range l {
		e, from, to := parse(t, one)
		if e != at {
			at, last = e, 0
		}
		if from != last+1 {
			t.Fatalf("%s came after %s:%d", one, at, last)
		}
		last = to
	}
	if at != epoch || last != newest {
		t.Errorf("the last is %s:%d, want %s:%d", at, last, epoch, newest)
	}
}

func parse(t *testing.T, one string) (epoch string, from, to uint64) {
	t.Helper()
	if n, _ := fmt.Sscanf(one, "lost %2s", &epoch); n == 1 {
		epoch = trim(epoch)
		if _, err := fmt.Sscanf(one[len("lost ")+len(epoch):], ":%d-%d", &from, &to); err != nil {
			t.Fatal(one, err)
		}
		return epoch, from, to
	}
	epoch = trim(one[:2])
	if _, err := fmt.Sscanf(one[len(epoch):], ":%d", &from); err != nil {
		t.Fatal(one, err)
	}
	return epoch, from, from
}

// trim takes the colon off an epoch of one letter.
func trim(s string) string {
	if s[len(s)-1] == ':' {
		return s[:len(s)-1]
	}
	return s
}
