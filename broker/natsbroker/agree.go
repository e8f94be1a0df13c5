package natsbroker

import (
	"context"
	"sync"
)

// leading is what a stream's leader has of some subjects. A server that was away, or was
// killed, can show messages that the others have removed: what their removal was done by
// may have been removed too before it was back. So the leader says what there is.
type leading struct {
	Total int `json:"total"` // subjects; only some are listed of very many
	State struct {
		Last     uint64            `json:"last_seq"`
		Subjects map[string]uint64 `json:"subjects"`
	} `json:"state"`
	alone bool // nobody else has the stream
}

func (l *leading) many() bool { return max(len(l.State.Subjects), l.Total) > mostAtOnce }

func (l *leading) none() bool { return !l.alone && len(l.State.Subjects) == 0 }

// covers reports whether what was found is as new as this.
func (l *leading) covers(found *batch) bool { return l.alone || found.upTo >= l.State.Last }

// leads asks the leader for what it has of some subjects, if there are other servers.
func (p *presence) leads(ctx context.Context, subject string) (*leading, error) {
	p.mu.Lock()
	alone := p.alone
	p.mu.Unlock()
	l := &leading{alone: alone}
	if alone {
		return l, nil
	}
	err := p.b.api(ctx, "STREAM.INFO."+p.stream(), map[string]string{"subjects_filter": subject}, l)
	p.gone(err)
	return l, err
}

// agree takes out of what a server showed what the leader had not, and has it be removed
// there. It returns the subjects that the leader has and the server did not show.
func (p *presence) agree(found *batch, l *leading) (missing []string) {
	if l.alone {
		return nil
	}
	shown := make(map[string]bool, len(found.messages))
	keep := found.messages[:0]
	for _, m := range found.messages {
		if l.State.Subjects[m.subject] == 0 && m.seq <= l.State.Last {
			p.graves.add(grave{m.subject, m.seq})
			continue
		}
		keep = append(keep, m)
		shown[m.subject] = true
	}
	found.messages = keep
	for subject := range l.State.Subjects {
		if !shown[subject] {
			missing = append(missing, subject)
		}
	}
	return missing
}

// fetch adds the messages of some subjects, as the leader has them.
func (p *presence) fetch(ctx context.Context, found *batch, subjects []string) error {
	for _, subject := range subjects {
		m, err := p.b.get(ctx, p.stream(), getRequest{Last: subject})
		if is(err, codeNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		found.messages = append(found.messages, m)
	}
	return nil
}

// crowdsMost bounds crowds.
const crowdsMost = 4096

// crowds are the topics with so many members that they are not listed one by one.
type crowds struct {
	mu  sync.Mutex // guards all
	all map[string]bool
}

func (c *crowds) has(subject string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all[subject]
}

func (c *crowds) add(subject string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil || len(c.all) >= crowdsMost {
		c.all = make(map[string]bool) // each is found out anew
	}
	c.all[subject] = true
}

func (c *crowds) remove(subject string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.all, subject)
}
