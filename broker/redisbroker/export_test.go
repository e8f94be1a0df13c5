package redisbroker

import (
	"time"

	"github.com/livetopics/live/broker"
)

// What the tests of this package see of its inside.
var (
	Matches    = matches
	IsWildcard = isWildcard
	SlotOf     = slotOf
	ParseURL   = parseURL
	Sessions   = sessions
	Pack       = pack
	Glob       = glob
)

// Names are those of a prefix and a database.
type Names struct{ n names }

func NewNames(prefix string, db int) Names          { return Names{newNames(prefix, db)} }
func (n Names) Publish(topic string) string         { return n.n.publish(topic) }
func (n Names) Wild(topic string) string            { return n.n.wild(topic) }
func (n Names) Topic(channel string) (string, bool) { return n.n.topic(channel) }
func (n Names) Keys(topic string) (keys []string) {
	return append(keys, n.n.meta(topic), n.n.stream(topic), n.n.order(topic), n.n.info(topic), n.n.regs(topic), n.n.dedup(topic, "d}{"))
}

// Unpack reads what came on a channel.
func Unpack(s string) (epoch, id string, p broker.Publication, err error) {
	a, err := unpackArrival(s)
	return a.epoch, a.id, a.Publication, err
}

// UnpackEntry reads an entry of a stream.
func UnpackEntry(id, packed string) (broker.Publication, error) { return unpackEntry(id, packed) }

// Follower is a followed topic without a server.
type Follower struct {
	b *Broker
	f *follow
}

// NewFollower follows a topic that is not located yet.
func NewFollower(d broker.Deliver) *Follower {
	b := &Broker{deliver: d}
	b.resync.init(b)
	return &Follower{b, &follow{name: "a", history: broker.History{Size: 1}, ready: make(chan struct{})}}
}

// Arrive takes a publication from the channel.
func (f *Follower) Arrive(epoch string, seq uint64) {
	f.b.arrive(f.f, &arrival{epoch: epoch, Publication: broker.Publication{Seq: seq, At: int64(seq)}})
}

// Ask is what is done before the history is asked for. It returns from where to read.
func (f *Follower) Ask() (epoch string, since uint64) {
	f.f.queued, f.f.before = false, len(f.f.held.list)
	return f.f.cursor.epoch, f.f.cursor.seq
}

// Apply takes a page of these numbers, and reports whether there is more to read.
func (f *Follower) Apply(epoch string, newest, floor uint64, seqs ...uint64) bool {
	p := page{Page: broker.Page{Position: broker.Position{Epoch: epoch, Seq: newest}, Floor: floor}}
	for _, seq := range seqs {
		p.Publications = append(p.Publications, broker.Publication{Seq: seq, At: int64(seq)})
	}
	return f.b.apply(f.f, &p)
}

// Live tells whether what comes next is delivered; Queued, whether it is to be read.
func (f *Follower) Live() bool   { return f.f.state == live }
func (f *Follower) Queued() bool { return f.f.queued }

// Held is how many publications are held.
func (f *Follower) Held() int { return len(f.f.held.list) }

// Position is what a Recent remembers.
type Position struct {
	Epoch string
	Seq   uint64
}

// Recent remembers positions.
type Recent struct{ r recent }

func (r *Recent) Put(topic string, p Position, now time.Time) {
	r.r.put(topic, cursor{epoch: p.Epoch, seq: p.Seq}, now)
}

func (r *Recent) Get(topic string) Position {
	c := r.r.get(topic)
	return Position{c.epoch, c.seq}
}

// Twice knows what has come.
type Twice struct{ t twice }

func (t *Twice) First(id string, now time.Time) bool { return t.t.first(id, now) }

// Wildcards are some that are followed, all confirmed.
type Wildcards struct{ w wildcards }

func (w *Wildcards) Add(text string) {
	one, _ := w.w.add(text, Glob(text, newNames("live", 0).publish))
	w.w.confirm(one.glob, true)
}
func (w *Wildcards) Remove(text string)            { w.w.remove(text, nil) }
func (w *Wildcards) First(glob, topic string) bool { return w.w.first(glob, topic) }
func (w *Wildcards) Globs() []string               { return w.w.globs() }
