package natsbroker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	crand "crypto/rand"

	"github.com/nats-io/nats.go"

	"github.com/livetopics/live/broker"
)

// presenceTries is how often a change is tried that other nodes were quicker to make.
const presenceTries = 64

// presence is who is where: one message for each user of each topic, which has the
// sessions of all nodes. A change replaces it if nobody else has meanwhile.
type presence struct {
	b       *Broker       // set once
	making  chan struct{} // holds one while somebody makes the stream
	trouble trouble
	local   roster // what there is without JetStream
	crowds  crowds
	graves  graves

	mu      sync.Mutex // guards the fields below
	made    bool
	alone   bool // one replica
	without bool // JetStream
	own     map[registration]*owned
	unsure  map[registration]attempt
	lease   lease
	burials
}

// registration is a user on a topic.
type registration struct{ topic, user string }

// owned is a registration of this node's, and what was written last.
type owned struct {
	member broker.Member
	entry  entry
	rev    uint64 // the number of the message; 0: not known
}

// attempt is a change that may have been made although nobody said so.
type attempt struct {
	op     string
	change broker.Change
}

// entry is a user on a topic, as all nodes see it.
type entry struct {
	Topic string         `json:"t"`
	User  string         `json:"u"`
	Info  []byte         `json:"i,omitempty"` // to the byte
	First uint64         `json:"f,omitempty"` // the message by which the user joined; 0: this one
	Nodes map[string]int `json:"n,omitempty"` // sessions; none: the user has left
	Op    string         `json:"o"`           // tells who wrote it
}

func (p *presence) init(b *Broker) {
	p.b, p.making = b, make(chan struct{}, 1)
	p.own, p.unsure = make(map[registration]*owned), make(map[registration]attempt)
	p.lease.node = newNode()
	p.burials.init()
	p.trouble.log, p.trouble.name = b.opts.Logger, p.stream()
}

func newNode() string { return strings.ToLower(crand.Text()[:12]) }

func (p *presence) stream() string { return p.b.opts.Prefix + "_presence" }

// topics are the subjects of all users of a topic.
func (p *presence) topic(topic string) string { return p.b.subjects.present + hashOf(topic) + "." }

// ready makes the stream if need be. It reports false if there is no JetStream, and
// presence is this node's alone.
func (p *presence) ready(ctx context.Context) (bool, error) {
	p.mu.Lock()
	made, without := p.made, p.without
	p.mu.Unlock()
	if made {
		return !without, nil
	}
	select {
	case p.making <- struct{}{}:
		defer func() { <-p.making }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	c := p.b.plan(p.stream(), p.b.subjects.present+">")
	c.Subjects = append(c.Subjects, p.b.subjects.lease+"*")
	c.MaxMsgsPer = 1
	has, err := p.b.makeStream(ctx, c)
	if err != nil && !errors.Is(err, broker.ErrUnsupported) {
		return false, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.made, p.without, p.alone = true, err != nil, has.Config.Replicas <= 1
	if err != nil {
		p.b.opts.Logger.Warn("natsbroker: presence is of this node alone", "error", err)
	}
	return !p.without, nil
}

// change changes a registration. It does not read it first if it is known or likely
// not to be there, but only if that proves wrong.
func (p *presence) change(ctx context.Context, r registration, e entry, rev uint64, guess bool, alter func(*entry) (c broker.Change, write bool)) (broker.Change, entry, uint64, error) {
	subject := p.topic(r.topic) + hashOf(r.user)
	var err error
	for try := range presenceTries {
		if !guess {
			if e, rev, err = p.read(ctx, subject, r); err != nil {
				return broker.Unchanged, e, 0, err
			}
		}
		guess = false
		before := p.settle(r, e.Op)
		next := e
		next.Nodes = maps.Clone(e.Nodes)
		change, write := alter(&next)
		if change == broker.Unchanged {
			change = before
		}
		if !write {
			return change, e, rev, nil
		}
		next.Op = newNode()
		at, err := p.write(ctx, subject, &next, rev)
		if err == nil {
			if next.First == 0 {
				next.First = at
			}
			if len(next.Nodes) == 0 {
				p.graves.add(grave{subject, at})
			}
			return change, next, at, nil
		}
		if !is(err, codeWrongLast, codeWrongLastTerm) {
			p.doubt(r, next.Op, change, err)
			return broker.Unchanged, e, 0, err
		}
		if try > 1 {
			if err := pause(ctx, rand.N(time.Duration(try)*time.Millisecond)); err != nil {
				return broker.Unchanged, e, 0, err
			}
		}
	}
	return broker.Unchanged, e, 0, fmt.Errorf("natsbroker: other nodes keep changing %s: %w", r.topic, broker.ErrUnavailable)
}

// settle returns what an attempt did whose outcome was not known, now that the entry
// is read.
func (p *presence) settle(r registration, op string) broker.Change {
	p.mu.Lock()
	defer p.mu.Unlock()
	a, ok := p.unsure[r]
	if !ok {
		return broker.Unchanged
	}
	delete(p.unsure, r)
	if a.op == op {
		return a.change
	}
	return broker.Unchanged
}

// doubt notes an attempt whose outcome is not known.
func (p *presence) doubt(r registration, op string, c broker.Change, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if own := p.own[r]; own != nil {
		own.rev = 0
	}
	if unreachable(err) || errors.Is(err, context.Canceled) {
		p.unsure[r] = attempt{op, c}
	}
}

// read reads a registration from the leader.
func (p *presence) read(ctx context.Context, subject string, r registration) (e entry, rev uint64, err error) {
	m, err := p.b.get(ctx, p.stream(), getRequest{Last: subject})
	if is(err, codeNotFound) {
		return entry{Topic: r.topic, User: r.user}, 0, nil
	}
	if err != nil {
		p.gone(err)
		return e, 0, err
	}
	return parseEntry(m), m.seq, nil
}

// recheck has JetStream be looked for again: another server may have it.
func (p *presence) recheck() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.without {
		p.made = false
	}
}

// gone notes that the stream has to be made anew.
func (p *presence) gone(err error) {
	if is(err, codeNoStream) || errors.Is(err, errNobodyThere) {
		p.mu.Lock()
		p.made = false
		p.mu.Unlock()
	}
}

// parseEntry reads an entry. What is none is one that has no nodes.
func parseEntry(m stored) (e entry) {
	if json.Unmarshal(m.data, &e) != nil {
		return entry{}
	}
	if e.First == 0 {
		e.First = m.seq
	}
	return e
}

// write replaces the message of that number, 0 for none.
func (p *presence) write(ctx context.Context, subject string, e *entry, rev uint64) (uint64, error) {
	h := nats.Header{"Nats-Expected-Last-Subject-Sequence": {strconv.FormatUint(rev, 10)}}
	if len(e.Nodes) == 0 {
		e.Info = nil // see grave
	}
	data, err := json.Marshal(e)
	if err != nil {
		return 0, fmt.Errorf("natsbroker: failed to encode a registration: %w", err)
	}
	return p.store(ctx, &nats.Msg{Subject: subject, Data: data, Header: h})
}

// store stores a message of presence.
func (p *presence) store(ctx context.Context, m *nats.Msg) (uint64, error) {
	if most := p.b.conn.MaxPayload() - headerRoom; int64(len(m.Data)) > most {
		return 0, fmt.Errorf("%w: Info of %d bytes, and NATS takes %d", broker.ErrTooLarge, len(m.Data), most)
	}
	if err := p.trouble.enter(); err != nil {
		return 0, err
	}
	a, err := p.b.store(ctx, m)
	for wait := 20 * time.Millisecond; errors.Is(err, errNobodyThere) && wait < patience && !p.trouble.lasts(); wait *= 2 {
		if e := pause(ctx, wait); e != nil {
			err = e
			break
		}
		a, err = p.b.store(ctx, m)
	}
	if is(err, codeWrongLast, codeWrongLastTerm) {
		p.trouble.leave(nil)
		return 0, err
	}
	p.trouble.leave(err)
	p.gone(err)
	return a.Seq, err
}
