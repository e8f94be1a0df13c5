package natsbroker

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/livetopics/live/broker"
)

// Members lists who is present. Of more than a thousand or so, List is a sample and
// Count may still have who left during the last seconds.
func (b *Broker) Members(ctx context.Context, topic string, limit int) (broker.Members, error) {
	if err := b.enter(ctx); err != nil {
		return broker.Members{}, err
	}
	p := &b.presence
	shared, err := p.ready(ctx)
	if err != nil {
		return broker.Members{}, b.outcome(err)
	}
	if !shared {
		return p.local.members(topic, limit), nil
	}
	m, err := p.members(ctx, topic, limit)
	return m, b.outcome(err)
}

// lackMost is how many registrations that a server does not show are read from the
// leader one by one, rather than to ask again.
const lackMost = 8

// members reads all entries of a topic, as of now. Any server may show them; which there
// are the leader says: the other may be behind, or have kept what should be gone.
func (p *presence) members(ctx context.Context, topic string, limit int) (broker.Members, error) {
	subject := p.topic(topic) + "*"
	if p.crowds.has(subject) {
		return p.crowd(ctx, subject, limit)
	}
	var found batch
	var missing []string
	for try := range lagTries {
		has, err := p.leads(ctx, subject)
		if err != nil {
			return broker.Members{}, err
		}
		if has.many() {
			p.crowds.add(subject)
			return p.crowd(ctx, subject, limit)
		}
		if has.none() {
			return broker.Members{}, nil
		}
		found, err = p.b.direct(ctx, p.stream(), getRequest{MultiLast: []string{subject}})
		if errors.Is(err, errTooMany) || err == nil && found.pending > 0 {
			return p.crowd(ctx, subject, limit)
		}
		if err != nil {
			return broker.Members{}, err
		}
		missing = p.agree(&found, has)
		if has.covers(&found) && len(missing) <= lackMost {
			break
		}
		if err := pause(ctx, time.Millisecond<<try); err != nil {
			return broker.Members{}, err
		}
	}
	if err := p.fetch(ctx, &found, missing); err != nil {
		return broker.Members{}, err
	}
	all := present(found.messages)
	return broker.Members{List: listed(all, limit), Count: len(all)}, nil
}

// crowd reads some of very many.
func (p *presence) crowd(ctx context.Context, subject string, limit int) (broker.Members, error) {
	found, err := p.b.direct(ctx, p.stream(), getRequest{Seq: 1, Next: subject, Batch: min(max(limit, 1), mostAtOnce)})
	if err != nil || len(found.messages) == 0 {
		return broker.Members{}, err
	}
	count := int(found.messages[0].pending) + 1
	if count <= mostAtOnce/2 {
		p.crowds.remove(subject)
	}
	all := present(found.messages)
	gone := len(found.messages) - len(all)
	return broker.Members{List: listed(all, limit), Count: count - gone}, nil
}

// present are the users among the messages, in order of joining.
func present(messages []stored) []entry {
	all := make([]entry, 0, len(messages))
	for _, m := range messages {
		if e := parseEntry(m); len(e.Nodes) > 0 {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b entry) int {
		if a.First < b.First {
			return -1
		}
		return 1
	})
	return all
}

func listed(all []entry, limit int) []broker.Member {
	if limit <= 0 {
		return nil
	}
	list := make([]broker.Member, 0, min(limit, len(all)))
	for _, e := range all[:min(limit, len(all))] {
		list = append(list, e.member())
	}
	return list
}

// member is the entry as others see it.
func (e *entry) member() broker.Member {
	m := broker.Member{User: e.User, Info: e.Info}
	for _, n := range e.Nodes {
		m.Sessions += n
	}
	return m
}

// roster is who is present on this node, where nothing is shared.
type roster struct {
	mu     sync.Mutex // guards topics
	topics map[string][]broker.Member
}

func (r *roster) join(topic string, m broker.Member) broker.Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.topics == nil {
		r.topics = make(map[string][]broker.Member)
	}
	all := r.topics[topic]
	i := slices.IndexFunc(all, func(o broker.Member) bool { return o.User == m.User })
	if i < 0 {
		r.topics[topic] = append(all, m)
		return broker.Joined
	}
	same := bytes.Equal(all[i].Info, m.Info)
	all[i] = m
	if same {
		return broker.Unchanged
	}
	return broker.Updated
}

func (r *roster) leave(topic, user string) broker.Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.topics[topic]
	i := slices.IndexFunc(all, func(o broker.Member) bool { return o.User == user })
	if i < 0 {
		return broker.Unchanged
	}
	if all = slices.Delete(all, i, i+1); len(all) == 0 {
		delete(r.topics, topic)
	} else {
		r.topics[topic] = all
	}
	return broker.Left
}

func (r *roster) members(topic string, limit int) broker.Members {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.topics[topic]
	return broker.Members{List: slices.Clone(all[:min(max(limit, 0), len(all))]), Count: len(all)}
}
