package natsbroker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/livetopics/live/broker"
)

// askedAtOnce is of how many topics the newest publications are asked for at once: with
// the epoch beside them, JetStream's limit.
const askedAtOnce = mostAtOnce - 1

// leaderReads is how many topics are asked for at once where only the leader can answer.
const leaderReads = 16

// questions are about the newest publications of a stream's topics. All that are asked
// while others are answered are answered together: thousands of topics, as when a
// node starts, take one request for each thousand.
type questions struct {
	mu      sync.Mutex // guards the fields below
	line    []*question
	running bool
	tail    *tail // of the stream, as it was read lately; answerAll's but for release
}

// question is about several topics.
type question struct {
	asked map[string]uint64 // by subject: what somebody has all up to, or nobodySays
	done  chan struct{}     // closed when it is answered

	// Set before.
	epoch *epoch
	found map[string]stored // by subject; those of which nothing is stored are missing
	last  uint64            // of the stream: all up to here is considered
	err   error

	missed map[string][]stored // what some topics have after from
	from   uint64
}

// nobodySays stands for the number of those who ask for the newest alone.
const nobodySays = ^uint64(0)

// newest asks for the newest publication of a topic: all that was acknowledged before the
// call is considered. since is what the caller has all up to.
func (s *stream) newest(ctx context.Context, subject string, since uint64) (*question, error) {
	q := s.enlist(subject, since)
	select {
	case <-q.done:
		return q, q.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.b.ctx.Done():
		return nil, broker.ErrClosed
	}
}

// enlist puts a topic into the question that is asked next.
func (s *stream) enlist(subject string, since uint64) *question {
	n := &s.questions
	n.mu.Lock()
	defer n.mu.Unlock()
	var q *question
	if len(n.line) > 0 {
		q = n.line[len(n.line)-1]
	}
	if q == nil || len(q.asked) >= askedAtOnce {
		q = &question{asked: make(map[string]uint64), done: make(chan struct{})}
		n.line = append(n.line, q)
	}
	if old, ok := q.asked[subject]; !ok || since < old {
		q.asked[subject] = since
	}
	if !n.running {
		n.running = s.b.start(s.answerAll) // ends when nobody asks
	}
	return q
}

// answerAll answers one question after the other.
func (s *stream) answerAll() {
	n := &s.questions
	for {
		n.mu.Lock()
		if len(n.line) == 0 {
			n.running = false
			n.mu.Unlock()
			return
		}
		q := n.line[0]
		n.line = n.line[1:]
		n.mu.Unlock()
		s.b.counters.asked.Add(1)
		ctx, cancel := context.WithTimeout(s.b.ctx, readTries*answerWait)
		q.err = s.answer(ctx, q)
		cancel()
		close(q.done)
	}
}

// answer asks any server that has the stream, and makes sure that it has all that the
// leader had before. The epoch is read with the same request, so that numbers are never
// taken for those of another.
func (s *stream) answer(ctx context.Context, q *question) error {
	marked := s.kept + marker
	subjects := append(make([]string, 0, len(q.asked)+1), marked)
	for subject := range q.asked {
		subjects = append(subjects, subject)
	}
	least, err := s.least(ctx)
	if err != nil {
		return err
	}
	for try := range lagTries {
		q.found = make(map[string]stored, len(subjects))
		if q.last, err = s.readNewest(ctx, subjects, q.found); err != nil {
			return err
		}
		if q.last >= least {
			if q.epoch = s.marked(q.found[marked]); q.epoch != nil {
				raise(&s.high, q.last)
				s.readTail(ctx, q)
				return nil
			}
			if _, err := s.again(ctx); err != nil { // it is another, or there is none
				return err
			}
			if least, err = s.least(ctx); err != nil {
				return err
			}
		}
		if err := pause(ctx, time.Millisecond<<try); err != nil {
			return err
		}
	}
	return s.answerByLeader(ctx, q, subjects)
}

// least is how far a server must have got to be asked.
func (s *stream) least(ctx context.Context) (uint64, error) {
	s.mu.Lock()
	alone := s.alone
	s.mu.Unlock()
	if alone {
		return 1, nil // it is the leader: it has all, and the epoch at least
	}
	last, err := s.last(ctx)
	s.doubtIfGone(err)
	return max(last, 1), err
}

// marked returns the stream's epoch, if that is what its message says.
func (s *stream) marked(m stored) *epoch {
	known := s.epoch.Load()
	if m.seq == 0 || known == nil {
		return nil
	}
	var e epoch
	if json.Unmarshal(m.data, &e) != nil || e.Name != known.Name {
		return nil
	}
	return known
}

// readNewest reads the newest publication of each subject, and returns up to which number
// of the stream that holds; 0 if nothing is stored.
func (s *stream) readNewest(ctx context.Context, subjects []string, into map[string]stored) (upTo uint64, err error) {
	q := getRequest{Seq: 1, Batch: mostAtOnce, MultiLast: subjects}
	for {
		found, err := s.b.direct(ctx, s.name, q)
		if err != nil {
			return 0, err
		}
		for _, m := range found.messages {
			into[m.subject] = m
		}
		n := len(found.messages)
		if found.pending == 0 || n == 0 {
			return max(upTo, found.upTo), nil
		}
		upTo = found.upTo // a page was cut because of its bytes
		q.UpTo, q.Seq = upTo, found.messages[n-1].seq+1
	}
}

// answerByLeader asks the leader for each subject: other servers are behind for long.
func (s *stream) answerByLeader(ctx context.Context, q *question, subjects []string) error {
	last, err := s.last(ctx)
	if err != nil {
		return err
	}
	q.last, q.found, q.epoch = last, make(map[string]stored), s.epoch.Load()
	var mu sync.Mutex // guards q.found and err
	var run sync.WaitGroup
	next := make(chan string)
	for range min(leaderReads, len(subjects)) {
		run.Go(func() { // owner: this call; ends when next is closed
			for subject := range next {
				m, e := s.b.get(ctx, s.name, getRequest{Last: subject})
				mu.Lock()
				if e == nil {
					q.found[subject] = m
				} else if !is(e, codeNotFound) {
					err = errors.Join(err, e)
				}
				mu.Unlock()
			}
		})
	}
	for _, subject := range subjects {
		next <- subject
	}
	close(next)
	run.Wait()
	if err == nil && s.marked(q.found[s.kept+marker]) == nil {
		err = fmt.Errorf("natsbroker: the epoch of stream %s does not settle: %w", s.name, errNoAnswer)
	}
	if err != nil {
		return fmt.Errorf("natsbroker: asking the leader of %s: %w", s.name, err)
	}
	return nil
}
